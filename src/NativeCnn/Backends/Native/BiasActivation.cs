using NativeCnn.Backends.Operations;
using NativeCnn.Interop;

namespace NativeCnn.Backends.Native;

/// <summary>What ends a product whose result is the output of a layer: y = f(z + b).</summary>
internal static unsafe class BiasActivation
{
    /// <summary>
    /// Adds the bias of each column and applies the activation, over a tile of a product while it is warm.
    /// </summary>
    /// <param name="activation">f.</param>
    /// <param name="bias">b of each column, or null for none.</param>
    /// <param name="rows">Rows of the tile.</param>
    /// <param name="columns">Columns of the tile.</param>
    /// <param name="stride">Elements from one row to the next.</param>
    /// <param name="values">z, which becomes y.</param>
    public static void Finish(Activation activation, float* bias, int rows, int columns, int stride, float* values)
    {
        if (bias == null && activation.Kind == ActivationKind.Identity)
            return;
        Shim.nativecnn_bias_activation((nativecnn_activation*)&activation, bias, rows, columns, stride, values);
    }
}
