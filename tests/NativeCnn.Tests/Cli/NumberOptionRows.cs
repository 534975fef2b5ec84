using System.CommandLine;

namespace NativeCnn.Tests.Cli;

/// <summary>The options of some commands that take numbers, found by the types of their values.</summary>
internal static class NumberOptionRows
{
    private static readonly Type[] s_numbers =
    [
        typeof(int),
        typeof(long),
        typeof(ulong),
        typeof(float),
        typeof(double),
    ];

    /// <summary>The names of a command and of an option.</summary>
    public static TheoryData<string, string> Of(IEnumerable<Command> commands)
    {
        TheoryData<string, string> rows = [];
        foreach (Command command in commands)
        {
            foreach (Option option in command.Options.Where(HoldsNumbers))
                rows.Add(command.Name, option.Name);
        }
        return rows;
    }

    private static bool HoldsNumbers(Option option) =>
        s_numbers.Contains(option.ValueType.IsArray ? option.ValueType.GetElementType() : option.ValueType);
}
