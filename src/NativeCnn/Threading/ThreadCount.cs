using System.Globalization;

namespace NativeCnn.Threading;

/// <summary>How many threads a backend uses when the user does not say.</summary>
public static class ThreadCount
{
    /// <summary>The largest number of threads that is taken as meant.</summary>
    public const int Maximum = 1024;

    /// <summary>
    /// The processors that this process may use. .NET's count already respects the container's CPU quota (rounded up),
    /// the affinity mask and <c>DOTNET_PROCESSOR_COUNT</c>.
    /// </summary>
    public static int Default => Math.Min(Environment.ProcessorCount, Maximum);

    /// <summary>Checks a number of threads that a user asked for.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1 or above <see cref="Maximum"/>.</exception>
    public static int Check(int threads) =>
        threads is >= 1 and <= Maximum
            ? threads
            : throw new ArgumentOutOfRangeException(
                nameof(threads),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{threads} threads are impossible: use 1 to {Maximum} (this process may use {Default} processors)."
                )
            );

    /// <summary>One line that says why <see cref="Default"/> is what it is.</summary>
    public static string Explain()
    {
        string? asked = Environment.GetEnvironmentVariable("DOTNET_PROCESSOR_COUNT");
        return string.IsNullOrEmpty(asked)
            ? $"{Default}: the processors left by the affinity mask and the container's quota"
            : $"{Default}: DOTNET_PROCESSOR_COUNT is {asked}";
    }
}
