using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.OneDnn;
using NativeCnn.Tensors;

namespace NativeCnn.Stress;

/// <summary>Primitives, memory objects and streams of oneDNN are freed with their kernels, which nobody disposes.</summary>
internal static class OneDnnPrimitives
{
    // oneDNN keeps the code of its last 1,024 primitives.
    private const int Cached = 1024;
    private const long SparedBytes = 32 << 20;

    public static void Run(int count, Faults faults)
    {
        faults.Begin("preparation");
        Prepare(0, Cached, faults);
        long before = Held();
        Prepare(Cached, count, faults);
        long left = Held() - before;
        if (left > SparedBytes)
            faults.Add($"{left >> 20} MB are left of {count} backends with six kernels each");
    }

    // No two are of one size: what is left of one is then not the next one's, from the library's cache.
    private static void Prepare(int first, int count, Faults faults)
    {
        for (int i = first; i < first + count; i++)
        {
            var images = new Shape(2, 6 + i % 50, 6 + i / 50, 16);
            var pooling = new PoolingGeometry(images, 2);
            var geometry = new ConvolutionGeometry(images, 16, new Size2(3, 3), padding: new Padding(1, 1, 1, 1));
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
