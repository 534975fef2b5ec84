using NativeCnn.Backends.Operations;

namespace NativeCnn.Backends;

/// <summary>A kernel could not be prepared or failed while it ran; the message names layer and operation.</summary>
/// <param name="problem">What failed.</param>
/// <param name="cause">Why; null if nobody knows more.</param>
/// <remarks>Thrown by backends; whoever prepares and runs their kernels adds the names.</remarks>
public class KernelException(string problem, Exception? cause = null) : Exception(problem, cause)
{
    /// <summary>What was computed.</summary>
    internal Operation? Operation { get; set; }

    /// <summary>For which layer, as messages name it.</summary>
    internal string? Layer { get; set; }

    /// <inheritdoc/>
    public override string Message =>
        (Layer is null ? "" : $"{Layer}: ") + (Operation is null ? "" : $"{Operation}: ") + base.Message;
}
