using System.CommandLine;
using System.Numerics;
using NativeCnn.Cli.Commands;
using NativeCnn.Threading;

namespace NativeCnn.Benchmarks;

/// <summary>The options of our commands that take numbers: each has a range, which is said where a number is not in it.</summary>
internal static class NumberOptions
{
    /// <summary>Threads that compute.</summary>
    public static NumberOption<int> Threads(int? byDefault = null) =>
        Of<int>("--threads", ThreadRange, byDefault ?? ThreadCount.Default, "Threads that compute.");

    /// <summary>How often something is timed.</summary>
    public static NumberOption<int> Rounds(int byDefault) =>
        Of<int>("--rounds", new(1, 1_000_000), byDefault, "How often each is timed.");

    /// <summary>How long something is timed.</summary>
    public static NumberOption<double> Seconds(double byDefault, string description) =>
        Of<double>("--seconds", new(0, 86_400), byDefault, description);

    /// <summary>The seed of what is drawn.</summary>
    public static NumberOption<ulong> Seed(string description) =>
        Of<ulong>("--seed", new(0, ulong.MaxValue), 1, description);

    /// <summary>Numbers of threads that something is predicted for.</summary>
    public static NumberRange<int> ThreadRange => new(1, ThreadCount.Maximum);

    /// <summary>Any other; without a default its value is asked for with <see cref="Given{T}"/>.</summary>
    public static NumberOption<T> Of<T>(string name, NumberRange<T> range, T? byDefault, string description)
        where T : struct, INumber<T>
    {
        NumberOption<T> option = new(name, range) { Description = description };
        if (byDefault is { } value)
            option.DefaultValueFactory = _ => value;
        return option;
    }

    /// <summary>Several numbers, separated by commas.</summary>
    public static Option<int[]> List(string name, NumberRange<int> range, int[] byDefault, string description) =>
        new(name)
        {
            Description = description,
            DefaultValueFactory = _ => byDefault,
            CustomParser = result =>
                Array.ConvertAll(
                    result.Tokens[0].Value.Split(','),
                    text => NumberOption<int>.Read(result, name, text, range)
                ),
        };

    /// <summary>The value of an option that was given, or null.</summary>
    public static T? Given<T>(this ParseResult arguments, NumberOption<T> option)
        where T : struct, INumber<T> => arguments.GetResult(option) is null ? null : arguments.GetValue(option);
}
