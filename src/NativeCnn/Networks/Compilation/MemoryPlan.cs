using System.Globalization;
using System.Runtime.InteropServices;
using NativeCnn.Tensors;

namespace NativeCnn.Networks.Compilation;

/// <summary>A buffer of a network: its size, and from when to when its content is needed.</summary>
internal sealed class PlannedBuffer(string name, long bytes, int first)
{
    private PlannedBuffer? _host;

    /// <summary>Whose buffer this is, for messages.</summary>
    public string Name { get; } = name;

    /// <summary>The size.</summary>
    public long Bytes { get; private set; } = bytes;

    /// <summary>The first moment at which the content matters.</summary>
    public int First { get; private set; } = first;

    /// <summary>The last moment at which the content matters.</summary>
    public int Last { get; private set; } = first;

    /// <summary>Where in the arena it lies.</summary>
    public long Offset { get; internal set; }

    /// <summary>The buffer in which this one lies: itself, or the one that it was moved into.</summary>
    public PlannedBuffer Root
    {
        get
        {
            PlannedBuffer root = this;
            while (root._host is { } host)
                root = host;
            // The next question is answered at once.
            if (root != this)
                _host = root;
            return root;
        }
    }

    /// <summary>Makes this buffer and an earlier one the same memory.</summary>
    public void MoveInto(PlannedBuffer earlier)
    {
        earlier.UseAt(Last);
        _host = earlier;
    }

    /// <summary>Makes the lifetime cover a moment.</summary>
    public void UseAt(int moment)
    {
        First = Math.Min(First, moment);
        Last = Math.Max(Last, moment);
    }

    /// <summary>Whether the two are needed at the same moment.</summary>
    public bool Overlaps(PlannedBuffer other) => First <= other.Last && other.First <= Last;
}

/// <summary>Places buffers in one arena so that two that are alive together never share a byte.</summary>
/// <remarks>
/// Greedy by size: the largest buffer first, each at the lowest offset that is free for its whole life (Pisarchyk and
/// Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020).
/// </remarks>
internal static class MemoryPlan
{
    /// <summary>Sets every buffer's offset and returns the arena's size.</summary>
    public static long Place(IReadOnlyList<PlannedBuffer> buffers)
    {
        long size = 0;
        // By offset: a scan meets the gaps from the lowest on, and ends in the first that is large enough.
        var placed = new List<PlacedBuffer>(buffers.Count);
        foreach (PlannedBuffer buffer in buffers.OrderByDescending(b => b.Bytes).ThenBy(b => b.First))
        {
            long bytes = NativeBuffer.Align(buffer.Bytes);
            long offset = 0;
            foreach (ref readonly PlacedBuffer other in CollectionsMarshal.AsSpan(placed))
            {
                if (other.First > buffer.Last || other.Last < buffer.First)
                    continue;
                if (offset + bytes <= other.Offset)
                    break;
                offset = Math.Max(offset, other.End);
            }
            buffer.Offset = offset;
            var place = new PlacedBuffer(offset, offset + bytes, buffer.First, buffer.Last);
            int index = placed.BinarySearch(place);
            placed.Insert(index < 0 ? ~index : index, place);
            size = Math.Max(size, place.End);
        }
        return size;
    }

    // Where a buffer lies, and when: what the scan looks at, side by side in memory.
    private readonly record struct PlacedBuffer(long Offset, long End, int First, int Last) : IComparable<PlacedBuffer>
    {
        public int CompareTo(PlacedBuffer other) => Offset.CompareTo(other.Offset);
    }

    /// <summary>Refuses a sum of memory that the machine does not have.</summary>
    /// <param name="bytes">The sum.</param>
    /// <param name="what">What needs it.</param>
    /// <param name="parts">What the sum is made of, or null.</param>
    /// <param name="remedy">What helps, as a sentence.</param>
    /// <exception cref="InsufficientMemoryException">It does not; the message has the sum.</exception>
    public static void CheckAvailable(
        double bytes,
        string what,
        string? parts = null,
        string remedy = "Use a smaller batch."
    )
    {
        double available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (bytes <= available)
            return;
        string sum = parts is null ? "" : $" ({parts})";
        throw new InsufficientMemoryException(
            $"{what} needs {Megabytes(bytes)} MB{sum}, and this process may have {Megabytes(available)} MB. {remedy}"
        );
    }

    /// <summary>Bytes in units of 2^20, as messages have them.</summary>
    public static string Megabytes(double bytes) => (bytes / 1048576).ToString("N0", CultureInfo.InvariantCulture);
}
