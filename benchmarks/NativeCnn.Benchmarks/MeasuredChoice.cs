using NativeCnn.Backends.Operations;

namespace NativeCnn.Benchmarks;

/// <summary>How long an algorithm takes for a pass of a convolution.</summary>
/// <param name="Algorithm">Its name.</param>
/// <param name="Predicted">The milliseconds that the cost model says one core takes.</param>
/// <param name="Milliseconds">The shortest run.</param>
public sealed record MeasuredTime(string Algorithm, double Predicted, double Milliseconds);

/// <summary>What the cost model chose for a pass of a convolution, and what it could have chosen.</summary>
/// <param name="Operation">The pass.</param>
/// <param name="Times">The times of all algorithms, of the chosen one first.</param>
public sealed record MeasuredChoice(ConvolutionOperation Operation, IReadOnlyList<MeasuredTime> Times)
{
    /// <summary>What the cost model chose.</summary>
    public MeasuredTime Chosen => Times[0];

    /// <summary>The fastest.</summary>
    public MeasuredTime Best => Times.MinBy(time => time.Milliseconds)!;

    /// <summary>Time lost by the choice, as a part of the fastest algorithm's: 0 where that was chosen.</summary>
    public double Regret => Chosen.Milliseconds / Best.Milliseconds - 1;
}
