using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.OneDnn;
using NativeCnn.Tensors;

namespace NativeCnn.Stress;

/// <summary>Primitives, memory objects and streams of oneDNN are freed with their kernels, which nobody disposes.</summary>
internal static class OneDnnPrimitives
{
    // oneDNN keeps the code of its last 1,024 primitives.
    private const long SparedBytes = 64 << 20;

    public static void Run(int count, Faults faults)
    {
        faults.Begin("preparation");
        Prepare(Math.Max(10, count / 10), faults);
        long before = Held();
        Prepare(count, faults);
        long left = Held() - before;
        if (left > SparedBytes)
            faults.Add($"{left >> 20} MB are left of {count} backends with six kernels each");
    }

    private static void Prepare(int count, Faults faults)
    {
        var images = new Shape(5, 12, 12, 16);
        var pooling = new PoolingGeometry(images, 2);
        var geometry = new ConvolutionGeometry(images, 32, new Size2(3, 3), padding: new Padding(1, 1, 1, 1));
        for (int i = 0; i < count; i++)
        {
            using var backend = new OneDnnBackend(1);
            backend.Prepare(new ConvolutionForward(geometry, Activation.Relu, hasBias: true));
            backend.Prepare(new ConvolutionBackwardData(geometry));
            backend.Prepare(new ConvolutionBackwardFilter(geometry));
            backend.Prepare(new MaxPoolingBackward(pooling));
            backend.Prepare(new BatchNormInference(1e-5f, images));
            backend.Prepare(new ConcatenationForward([images, images]));
            faults.Tick();
        }
    }

    private static long Held()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        return Environment.WorkingSet;
    }
}
