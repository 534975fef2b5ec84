using NativeCnn.Backends;
using NativeCnn.Networks;

namespace NativeCnn.Optimizers;

/// <summary>Changes parameters from their gradients.</summary>
public abstract class Optimizer : IDisposable
{
    /// <summary>The step size η; a parameter's own factor multiplies it.</summary>
    public float LearningRate { get; set; } = 0.01f;

    /// <summary>How many values <see cref="Prepare"/> reserves for each value of a parameter.</summary>
    public abstract int StatePerParameter { get; }

    /// <summary>Reserves state for the parameters, so that <see cref="Update"/> allocates nothing.</summary>
    public abstract void Prepare(IReadOnlyList<ParameterSlot> parameters);

    /// <summary>One step: changes every parameter's values from its gradient.</summary>
    public abstract void Update(IBackend backend);

    /// <summary>Frees the state.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the state.</summary>
    protected virtual void Dispose(bool disposing) { }
}
