using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Operations;
using NativeCnn.Interop;
using NativeCnn.OneDnn;
using NativeCnn.Tensors;

namespace NativeCnn.Cli.Diagnostics;

/// <summary>Says which oneDNN there is, and compares a convolution of it with the managed backend.</summary>
internal static class OneDnnCheck
{
    private const string Name = "oneDNN";

    // 144 products of values in [-1, 1), with room for any order of the sum.
    private const float Tolerance = 144 * 1.2e-7f;

    /// <summary>What was found; that it is missing is nothing to mend, as only one backend needs it.</summary>
    public static IEnumerable<Finding> Run(int threads)
    {
        OneDnnInfo info;
        try
        {
            info = NativeRuntime.EnsureOneDnnLoaded();
        }
        catch (NativeLibraryException e)
        {
            return
            [
                new Finding(
                    Name,
                    $"not in use; only --backend onednn needs it, and auto takes it where it is there. {ErrorReport.Message(e)}"
                ),
            ];
        }
        string runtime = info.IsOpenMP ? "on OpenMP, held to one thread per worker" : "without threads";
        return [new Finding(Name, $"{info.Path} ({info.Version}, {info.InstructionSet}, {runtime})"), Compare(threads)];
    }

    private static Finding Compare(int threads)
    {
        var geometry = new ConvolutionGeometry(
            new Shape(4, 12, 12, 16),
            32,
            new Size2(3, 3),
            padding: new Padding(1, 1, 1, 1)
        );
        var convolution = new ConvolutionForward(geometry, Activation.Identity, hasBias: false);
        using Tensor input = ProductCheck.Random(geometry.Input, seed: 1);
        using Tensor filters = ProductCheck.Random(geometry.FilterShape, seed: 2);
        using var expected = new Tensor(geometry.Output);
        using var found = new Tensor(geometry.Output);
        using (var managed = new ManagedBackend())
            managed.Prepare(convolution).Run([input, filters, null, expected]);
        using var backend = new OneDnnBackend(threads);
        Kernel kernel = backend.Prepare(convolution);
        kernel.Run([input, filters, null, found]);
        for (int i = 0; i < found.Count; i++)
        {
            if (!(MathF.Abs(found.Span[i] - expected.Span[i]) <= Tolerance))
                return new Finding(
                    $"{Name} convolution",
                    $"gave {found.Span[i]} where the managed backend has {expected.Span[i]}",
                    FindingState.Wrong,
                    "Do not use --backend onednn with this library; install another (apt-get install libdnnl2)."
                );
        }
        return new Finding($"{Name} convolution", $"agrees with the managed backend ({kernel.Algorithm})");
    }
}
