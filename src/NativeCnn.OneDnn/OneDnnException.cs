using NativeCnn.Backends;
using NativeCnn.Interop;

namespace NativeCnn.OneDnn;

/// <summary>
/// A call into oneDNN failed: memory ran out, or a primitive was refused or failed while it ran. The message names layer
/// and operation.
/// </summary>
/// <param name="message">What failed and what oneDNN said.</param>
public sealed class OneDnnException(string message) : KernelException(message)
{
    /// <summary>Throws unless a status is success.</summary>
    internal static void Check(int status, string function)
    {
        if (status != (int)dnnl_constant.dnnl_success)
            throw new OneDnnException($"{function} of oneDNN failed: {Meaning(status)}.");
    }

    private static string Meaning(int status) =>
        (dnnl_constant)status switch
        {
            dnnl_constant.dnnl_out_of_memory => "there is not memory enough",
            dnnl_constant.dnnl_invalid_arguments => "the arguments contradict each other",
            dnnl_constant.dnnl_unimplemented => "this build has no implementation",
            _ => $"status {status}",
        };
}
