using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.OneDnn;
using NativeCnn.Tests.Backends;

namespace NativeCnn.Tests.OneDnn;

/// <summary>
/// oneDNN against the native and the managed backend, on convolutions that nobody chose: uneven borders, strides,
/// dilations, groups, batches that do not divide into parts.
/// </summary>
public sealed class OneDnnPropertyTests
{
    private static readonly Activation[] Activations = ActivationTests.Kinds;

    [OneDnnTheory]
    [InlineData(1)]
    [InlineData(3)]
    public void All_passes_of_any_convolution_are_those_of_both_other_backends(int threads)
    {
        using var managed = new ManagedBackend();
        using var native = new NativeBackend(threads);
        using var oneDnn = new OneDnnBackend(threads);
        int count = 0;
        int own = 0;
        ConvolutionPropertyTests.ForAll(g =>
        {
            // Batch, activation and bias follow from the sizes, so that a smaller failure is the same one.
            int pick = g.Height + 3 * g.Width + 5 * g.Channels + 7 * g.Filters;
            count++;
            var geometry = new ConvolutionGeometry(
                g.Input.WithBatchSize(1 + pick % 9),
                g.Filters,
                new(g.KernelHeight, g.KernelWidth),
                new(g.StrideY, g.StrideX),
                new(g.DilationY, g.DilationX),
                new(g.PadTop, g.PadLeft, g.PadBottom, g.PadRight),
                g.Groups
            );
            Activation activation = Activations[pick % Activations.Length];
            foreach (OperationCase row in ConvolutionTests.Passes(geometry, activation, bias: pick % 2 == 0))
            {
                if (oneDnn.Plan(row.Operation)!.Algorithm.StartsWith("onednn ", StringComparison.Ordinal))
                    own++;
                // Parameters' gradients start from values that are not 0, and are added to.
                OperationRun run = OperationRun.Of(row, oneDnn);
                run.AssertClose(OperationRun.Of(row, managed));
                run.AssertClose(OperationRun.Of(row, native), OneDnnRegistryTests.BothRound(row, oneDnn, native));
                run.AssertInputsUntouched();
                run.AssertGuardsIntact();
            }
        });
        // The rest, such as borders that crop, is the native backend's, which would be compared with itself.
        Assert.InRange(own, count / 2, 3 * count);
    }
}
