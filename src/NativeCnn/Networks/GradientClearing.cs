using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Networks;

/// <summary>Sets the stored gradients to 0, large ones on the backend's threads where it has a kernel for that.</summary>
internal sealed class GradientClearing
{
    // Four chunks; one thread clears less while another would be woken.
    private const int FewestShared = 1 << 16;

    private readonly (Tensor Gradient, Kernel? Kernel)[] _gradients;

    public GradientClearing(Backend backend, IEnumerable<Tensor> gradients) =>
        _gradients = [.. gradients.Select(gradient => (gradient, KernelFor(backend, gradient)))];

    /// <summary>Sets all to 0; allocates nothing.</summary>
    public void Run()
    {
        foreach ((Tensor gradient, Kernel? kernel) in _gradients)
        {
            if (kernel is null)
                gradient.Clear();
            else
                kernel.Run([gradient]);
        }
    }

    private static Kernel? KernelFor(Backend backend, Tensor gradient)
    {
        if (gradient.Count < FewestShared || backend.Plan(new Clear(gradient.Shape)) is not { } kernel)
            return null;
        Backend.Reserve(kernel);
        return kernel;
    }
}
