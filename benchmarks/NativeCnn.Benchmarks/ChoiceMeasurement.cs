using NativeCnn.Backends.Native;
using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;
using NativeCnn.OneDnn;

namespace NativeCnn.Benchmarks;

/// <summary>
/// Times every algorithm that can compute a pass of a convolution, in turns on the threads of one backend, once their
/// results agree.
/// </summary>
public sealed class ChoiceMeasurement : IDisposable
{
    // So that the shortest of runs of some microseconds is found among other work.
    private const int MaxRounds = 2000;

    // A larger regret is measured again, so often at most, since other work may have disturbed one algorithm alone.
    private const double DoubtfulRegret = 0.1;
    private const int MaxAgain = 3;

    private readonly AutoBackend? _auto;
    private readonly NativeBackend _native;

    /// <summary>Among the native algorithms, or these and oneDNN.</summary>
    /// <exception cref="InvalidOperationException">oneDNN is missing; the message has the remedy.</exception>
    public ChoiceMeasurement(int threads, bool withOneDnn)
    {
        // A backend that measures is one that knows more than its first choice.
        var options = new NativeBackendOptions
        {
            Threads = threads,
            Tuning = new() { Measure = true },
        };
        if (!withOneDnn)
        {
            _native = new NativeBackend(options);
            return;
        }
        _auto = new AutoBackend(options);
        _native = _auto.Native;
        if (_auto.OneDnnMissing is { } reason)
        {
            _auto.Dispose();
            throw new InvalidOperationException(reason);
        }
    }

    /// <summary>The three passes of a convolution.</summary>
    public static IReadOnlyList<ConvolutionOperation> PassesOf(ConvolutionGeometry geometry) =>
        [
            new ConvolutionForward(geometry, Activation.Identity, hasBias: false),
            new ConvolutionBackwardData(geometry),
            new ConvolutionBackwardFilter(geometry),
        ];

    /// <summary>The times of all algorithms, of the cost model's choice first.</summary>
    /// <param name="operation">The pass.</param>
    /// <param name="seconds">
    /// How long they run, all together; three runs of each at least. Of a choice that seems wrong, up to four times.
    /// </param>
    /// <exception cref="InvalidOperationException">Two algorithms disagree; the message has both.</exception>
    public MeasuredChoice Measure(ConvolutionOperation operation, double seconds)
    {
        ConvolutionPass pass = operation switch
        {
            ConvolutionForward => ConvolutionPass.Forward,
            ConvolutionBackwardData => ConvolutionPass.BackwardData,
            _ => ConvolutionPass.BackwardFilter,
        };
        IReadOnlyList<ConvolutionContender> contenders = _native.Convolutions.Contenders(_native, operation, pass);
        double[] times = new double[contenders.Count];
        Array.Fill(times, double.PositiveInfinity);
        MeasuredChoice choice;
        int measured = 0;
        do
        {
            double[] again = ConvolutionTuner.Seconds(operation, contenders, _native.Threads, seconds, MaxRounds);
            times = [.. times.Zip(again, Math.Min)];
            choice = new MeasuredChoice(
                operation,
                [.. contenders.Zip(times, (c, time) => new MeasuredTime(c.Name, c.Nanoseconds / 1e6, time * 1e3))]
            );
        } while (choice.Regret > DoubtfulRegret && measured++ < MaxAgain);
        return choice;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _auto?.Dispose();
        _native.Dispose();
    }
}
