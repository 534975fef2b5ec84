using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace NativeCnn.Interop;

/// <summary>The one way from a status of the shim to an exception.</summary>
internal static class NativeStatus
{
    /// <summary>Throws unless <paramref name="status"/> is <see cref="nativecnn_status.NATIVECNN_OK"/>.</summary>
    /// <param name="status">What a function of the shim returned.</param>
    /// <param name="function">Its name, by <c>nameof</c>.</param>
    /// <exception cref="NativeCallException">The status is another.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Check(nativecnn_status status, string function)
    {
        if (status != nativecnn_status.NATIVECNN_OK)
            Throw(status, function);
    }

    [DoesNotReturn]
    private static void Throw(nativecnn_status status, string function) =>
        throw new NativeCallException(function, (int)status, Meaning(status));

    private static string Meaning(nativecnn_status status) =>
        status switch
        {
            nativecnn_status.NATIVECNN_NULL_POINTER => "a pointer that must not be null is null.",
            nativecnn_status.NATIVECNN_BAD_GEOMETRY =>
                "the geometry contradicts itself (a size below 1, an output size that the input does not give, an overflow).",
            nativecnn_status.NATIVECNN_BAD_RANGE =>
                "the range is negative or reaches past the end of what the geometry describes.",
            nativecnn_status.NATIVECNN_BAD_ARGUMENT => "an argument is outside what the function documents.",
            nativecnn_status.NATIVECNN_UNSUPPORTED => "this processor or this build of the shim cannot do it.",
            _ => "a number that this version of NativeCnn does not know.",
        };
}
