using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using NativeCnn.Randomness;

namespace NativeCnn.Fuzz;

/// <summary>Changes bytes as files are damaged or forged: bits, numbers, words, pieces.</summary>
internal sealed class Mutator(IReadOnlyList<string> words)
{
    private const int LongestInput = 1 << 16;

    private static readonly long[] Numbers =
    [
        0,
        1,
        -1,
        2,
        3,
        7,
        127,
        128,
        255,
        256,
        1000,
        32767,
        32768,
        46341,
        65535,
        65536,
        65537,
        1 << 24,
        1 << 30,
        int.MaxValue,
        int.MinValue,
        uint.MaxValue,
        1L << 32,
        (1L << 33) + 1,
        long.MaxValue,
        long.MinValue,
    ];

    private static readonly string[] NumberTexts =
    [
        "1e39",
        "-1e39",
        "1e-46",
        "1e400",
        "0.5",
        "-0",
        "00",
        "1e3",
        "NaN",
        "99999999999999999999",
        "0x10",
        "١",
        "1,0",
    ];

    /// <summary>Makes one to four changes.</summary>
    public byte[] Mutate(byte[] input, ref RandomStream random)
    {
        int changes = 1 + random.NextInt(random.NextInt(4) + 1);
        for (int i = 0; i < changes; i++)
            input = Change(input, ref random);
        return input.Length <= LongestInput ? input : input[..LongestInput];
    }

    private byte[] Change(byte[] input, ref RandomStream random)
    {
        if (input.Length == 0)
            return [(byte)random.NextInt(256)];
        byte[] copy = [.. input];
        int at = random.NextInt(copy.Length);
        switch (random.NextInt(12))
        {
            case 0:
                copy[at] ^= (byte)(1 << random.NextInt(8));
                return copy;
            case 1:
                copy[at] = (byte)random.NextInt(256);
                return copy;
            case 2:
                WriteNumber(copy.AsSpan(at), Number(ref random), random.NextInt(6));
                return copy;
            case 3:
                return copy[..at];
            case 4:
                return Splice(copy, at, Length(copy.Length - at, ref random), []);
            case 5:
                byte[] piece = copy[at..(at + Length(copy.Length - at, ref random))];
                return Splice(copy, random.NextInt(copy.Length), 0, piece);
            case 6 or 7 or 8:
                return EditNumber(copy, at, ref random);
            case 9:
                return SwapTokens(copy, ref random);
            case 10 when words.Count > 0:
                (int start, int length) = Token(copy, at);
                return Splice(copy, start, length, Encoding.UTF8.GetBytes(words[random.NextInt(words.Count)]));
            default:
                byte[] some = new byte[1 + random.NextInt(8)];
                foreach (ref byte value in some.AsSpan())
                    value = (byte)random.NextInt(256);
                return Splice(copy, at, 0, some);
        }
    }

    private static long Number(ref RandomStream random) =>
        Numbers[random.NextInt(Numbers.Length)] + (random.NextInt(4) == 0 ? random.NextInt(5) - 2 : 0);

    private static void WriteNumber(Span<byte> place, long number, int form)
    {
        Span<byte> bytes = stackalloc byte[8];
        if (form % 2 == 0)
            BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        else
            BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        int size = 2 << (form / 2);
        Span<byte> part = form % 2 == 0 ? bytes[..size] : bytes[^size..];
        part[..Math.Min(size, place.Length)].CopyTo(place);
    }

    // The digits at or after a place become another number.
    private static byte[] EditNumber(byte[] input, int at, ref RandomStream random)
    {
        int start = at;
        while (start < input.Length && !char.IsAsciiDigit((char)input[start]))
            start++;
        int end = start;
        while (end < input.Length && char.IsAsciiDigit((char)input[end]))
            end++;
        string text =
            random.NextInt(4) == 0
                ? NumberTexts[random.NextInt(NumberTexts.Length)]
                : Number(ref random).ToString(CultureInfo.InvariantCulture);
        return Splice(input, start, end - start, Encoding.UTF8.GetBytes(text));
    }

    private static byte[] SwapTokens(byte[] input, ref RandomStream random)
    {
        (int a, int aLength) = Token(input, random.NextInt(input.Length));
        (int b, int bLength) = Token(input, random.NextInt(input.Length));
        if (a > b)
            ((a, aLength), (b, bLength)) = ((b, bLength), (a, aLength));
        if (a + aLength > b)
            return input;
        byte[] first = input[a..(a + aLength)];
        byte[] second = input[b..(b + bLength)];
        return Splice(Splice(input, b, bLength, first), a, aLength, second);
    }

    // Letters, digits and signs around a place: a name or a number in JSON, one character where it is something else.
    private static (int Start, int Length) Token(byte[] input, int at)
    {
        if (!IsWord(input[at]))
            return (at, 1);
        int start = at;
        while (start > 0 && IsWord(input[start - 1]))
            start--;
        int end = at;
        while (end < input.Length && IsWord(input[end]))
            end++;
        return (start, end - start);
    }

    private static bool IsWord(byte value) =>
        char.IsAsciiLetterOrDigit((char)value) || value is (byte)'-' or (byte)'_' or (byte)'.' or (byte)'+';

    private static int Length(int room, ref RandomStream random) =>
        random.NextInt(3) == 0 ? random.NextInt(room + 1) : random.NextInt(Math.Min(room, 16) + 1);

    private static byte[] Splice(byte[] input, int at, int length, byte[] piece) =>
        [.. input.AsSpan(0, at), .. piece, .. input.AsSpan(at + length)];
}
