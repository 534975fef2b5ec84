using System.Numerics;
using NativeCnn.Tensors;

namespace NativeCnn.Backends.Managed;

public sealed partial class ManagedBackend
{
    /// <inheritdoc/>
    public void LocalResponseNormForward(in LocalResponseWindow window, Tensor input, Tensor output, Tensor? scale)
    {
        OperationChecks.LocalResponseNormForward(window, input, output, scale, ElementType);
        if (IsFloat32)
            LocalResponseNormForward<float>(window, input, output, scale);
        else
            LocalResponseNormForward<double>(window, input, output, scale);
    }

    /// <inheritdoc/>
    public void LocalResponseNormBackward(
        in LocalResponseWindow window,
        Tensor input,
        Tensor scale,
        Tensor outputGradient,
        Tensor inputGradient
    )
    {
        OperationChecks.LocalResponseNormBackward(window, input, scale, outputGradient, inputGradient, ElementType);
        if (IsFloat32)
            LocalResponseNormBackward<float>(window, input, scale, outputGradient, inputGradient);
        else
            LocalResponseNormBackward<double>(window, input, scale, outputGradient, inputGradient);
    }

    // s_c = k + α/size · Σ_j x_j², j from c − before to c + after;  y_c = x_c s_c^−β
    private static void LocalResponseNormForward<T>(
        in LocalResponseWindow window,
        Tensor input,
        Tensor output,
        Tensor? scale
    )
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int channels = input.Shape.Channels;
        for (int pixel = 0; pixel < input.Count; pixel += channels)
        {
            ReadOnlySpan<T> x = input.AsSpan<T>().Slice(pixel, channels);
            Span<T> y = output.AsSpan<T>().Slice(pixel, channels);
            for (int c = 0; c < channels; c++)
            {
                double sum = 0;
                for (int j = Math.Max(c - window.Before, 0); j <= LastOf(c, window.After, channels); j++)
                    sum += Wide(x[j]) * Wide(x[j]);
                double s = window.K + (double)window.Alpha / window.Size * sum;
                y[c] = Round<T>(Wide(x[c]) * Math.Pow(s, -window.Beta));
                if (scale is not null)
                    scale.AsSpan<T>()[pixel + c] = Round<T>(s);
            }
        }
    }

    // dx_c = dy_c s_c^−β − 2αβ/size · x_c Σ_j dy_j x_j s_j^(−β−1), j over the channels whose window has c:
    // from c − after to c + before
    private static void LocalResponseNormBackward<T>(
        in LocalResponseWindow window,
        Tensor input,
        Tensor scale,
        Tensor outputGradient,
        Tensor inputGradient
    )
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int channels = input.Shape.Channels;
        double factor = 2 * (double)window.Alpha * window.Beta / window.Size;
        for (int pixel = 0; pixel < input.Count; pixel += channels)
        {
            ReadOnlySpan<T> x = input.AsSpan<T>().Slice(pixel, channels);
            ReadOnlySpan<T> s = scale.AsSpan<T>().Slice(pixel, channels);
            ReadOnlySpan<T> dy = outputGradient.AsSpan<T>().Slice(pixel, channels);
            Span<T> dx = inputGradient.AsSpan<T>().Slice(pixel, channels);
            for (int c = 0; c < channels; c++)
            {
                double sum = 0;
                for (int j = Math.Max(c - window.After, 0); j <= LastOf(c, window.Before, channels); j++)
                    sum += Wide(dy[j]) * Wide(x[j]) * Math.Pow(Wide(s[j]), -window.Beta - 1.0);
                dx[c] = Round<T>(Wide(dy[c]) * Math.Pow(Wide(s[c]), -window.Beta) - factor * Wide(x[c]) * sum);
            }
        }
    }

    // c + reach, or the last channel; compared without a sum, which a window of any size could overflow.
    private static int LastOf(int c, int reach, int channels) => reach < channels - c ? c + reach : channels - 1;
}
