using System.Globalization;

namespace NativeCnn.Data;

/// <summary>One movement of the pen.</summary>
/// <param name="IsCurve">Whether the pen passes the points in a smooth curve, or in straight lines.</param>
/// <param name="Points">x, y, x, y …; a digit is about 1 high and 0.6 wide, y points down.</param>
internal sealed record DigitStroke(bool IsCurve, float[] Points);

/// <summary>How people write the ten digits: the pen's movements, in several forms for each digit.</summary>
internal static class DigitStrokes
{
    // "~" is a curve through the points that follow, "-" a line along them; x,y in hundredths of the digit's height.
    private static readonly string[][] Written =
    [
        [
            "~ 50,0 27,16 19,50 27,84 50,100 73,84 81,50 73,16 50,0",
            "~ 62,6 40,3 22,32 22,72 44,99 70,86 80,48 70,14 46,1 34,10",
            "~ 52,0 36,22 31,52 37,84 50,100 64,82 69,50 63,18 50,1",
        ],
        ["- 50,0 50,100", "- 30,26 53,0 53,100", "- 31,24 52,0 52,100 ; - 30,100 75,100", "~ 60,0 54,40 42,100"],
        [
            "~ 22,26 34,6 58,1 76,18 70,44 46,74 20,99 ; - 20,99 80,97",
            "~ 22,20 42,2 70,10 72,38 50,70 28,95 16,91 20,79 36,82 58,97 84,91",
            "~ 26,16 50,0 72,14 66,42 40,72 22,92 ; ~ 22,92 40,88 62,98 82,90",
        ],
        [
            "~ 22,14 45,0 72,11 70,34 45,47 ; ~ 45,47 74,58 77,84 50,100 20,89",
            "- 22,3 74,3 44,40 ; ~ 44,40 74,48 79,78 52,100 20,91",
            "~ 24,10 54,0 72,18 58,41 40,46 60,50 79,70 60,97 20,93",
        ],
        [
            "- 27,3 20,56 82,53 ; - 68,0 65,100",
            "- 62,0 16,66 86,65 ; - 62,0 61,100",
            "~ 25,3 20,36 38,51 68,42 ; ~ 73,3 70,44 66,100",
            "- 64,2 20,60 78,60 ; - 60,32 56,100",
        ],
        [
            "- 76,2 31,3 27,43 ; ~ 27,43 52,36 77,54 74,84 50,100 20,90",
            "~ 76,3 42,4 30,18 32,40 58,44 77,67 60,95 22,95",
            "~ 32,6 30,24 28,42 54,39 77,60 68,90 42,100 20,91 ; - 32,6 82,1",
        ],
        [
            "~ 68,1 42,19 22,58 29,92 54,100 77,82 68,60 45,57 26,74",
            "~ 54,0 32,35 22,70 36,97 62,97 75,75 56,56 30,67",
            "~ 74,10 58,1 34,22 23,60 34,95 62,98 76,76 58,57 36,61 25,76",
        ],
        [
            "- 20,4 80,3 42,100",
            "- 20,4 79,3 42,100 ; - 34,51 73,48",
            "- 20,17 20,3 80,4 ; ~ 80,4 58,42 45,100",
            "~ 18,12 40,2 78,5 63,40 49,70 43,100",
        ],
        [
            "~ 72,15 50,0 28,15 36,38 63,57 77,80 50,100 24,80 40,55 66,37 72,15",
            "~ 50,0 30,22 50,45 70,22 50,0 ; ~ 50,45 23,73 50,100 77,73 50,45",
            "~ 78,5 48,1 30,20 44,42 68,60 72,86 48,100 26,84 38,58 62,38 74,16",
        ],
        [
            "~ 72,18 50,0 27,20 36,46 60,43 73,16 ; ~ 73,10 71,56 66,100",
            "~ 73,20 52,0 27,18 34,44 58,46 74,20 ; ~ 75,12 76,58 62,96 31,92",
            "~ 70,12 45,1 26,24 42,49 67,32 73,9 70,50 54,100",
        ],
    ];

    /// <summary>The forms of each digit: digit, form, stroke.</summary>
    public static DigitStroke[][][] Forms { get; } = [.. Written.Select(forms => forms.Select(Parse).ToArray())];

    private static DigitStroke[] Parse(string form) =>
        [.. form.Split(';', StringSplitOptions.TrimEntries).Select(ParseStroke)];

    private static DigitStroke ParseStroke(string stroke)
    {
        float[] points =
        [
            .. stroke[1..]
                .Split([' ', ','], StringSplitOptions.RemoveEmptyEntries)
                .Select(number => int.Parse(number, CultureInfo.InvariantCulture) / 100f),
        ];
        return new DigitStroke(stroke[0] == '~', points);
    }
}
