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

    /// <summary>Whether layers may take this optimiser's steps in their backward pass (<see cref="ParameterSlot.Update"/>).</summary>
    public virtual bool CanFuse => false;

    /// <summary>Called before each backward pass: sets the steps that layers take in it.</summary>
    public virtual void BeginStep() { }

    /// <summary>Ends a step: changes the values of every parameter that has a gradient.</summary>
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
