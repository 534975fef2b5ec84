using System.Diagnostics;
using NativeCnn.Backends;
using NativeCnn.Layers;

namespace NativeCnn.Training;

/// <summary>Is told how long each part of a training step took, in ticks of <see cref="Stopwatch"/>.</summary>
internal interface IStepObserver : ICallObserver
{
    /// <summary>Setting gradients to zero took so long.</summary>
    void Zeroed(long ticks);

    /// <summary>The loss took so long.</summary>
    void Evaluated(Kernel kernel, long ticks);
}
