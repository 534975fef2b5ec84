using System.Text;
using System.Text.RegularExpressions;
using NativeCnn.Data;

namespace NativeCnn.Fuzz.Targets;

/// <summary>The lines that name data, such as <c>digits:100,20</c>.</summary>
internal sealed partial class DataSpecifications : FuzzTarget
{
    public override string Name => "data";

    public override IReadOnlyList<byte[]> Wholes { get; } =
    [.. new[] { "digits:3", "digits:3,0", "digits:10,2", "mnist:/nowhere", "mnist:" }.Select(Encoding.UTF8.GetBytes)];

    public override IReadOnlyList<string> Words => ["digits", "mnist", ":", ",", "/", "..", "~", "\0"];

    // What is not read from a file is refused as an argument. Drawing many digits is no fault, but takes its time.
    public override string Run(byte[] input, string file)
    {
        string line = Encoding.UTF8.GetString(input);
        if (line.Trim() == "digits" || ManyDigits().IsMatch(line))
            return "left out";
        try
        {
            DataSource.Open(line);
            return "read";
        }
        catch (Exception e)
            when (e is IOException || e.GetType() == typeof(ArgumentException) || e is UnauthorizedAccessException)
        {
            return Outcome(e);
        }
    }

    [GeneratedRegex("^digits:.*[0-9]{3}")]
    private static partial Regex ManyDigits();
}
