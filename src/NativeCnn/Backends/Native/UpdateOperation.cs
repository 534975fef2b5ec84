using System.Diagnostics;
using NativeCnn.Backends.Operations;
using NativeCnn.Interop;

namespace NativeCnn.Backends.Native;

/// <summary>An update that the shim knows, over chunks of elements.</summary>
internal sealed unsafe class UpdateKernel<TUpdate>(NativeBackend backend, TUpdate operation)
    : RowKernel<TUpdate>(backend, operation, operation.Shape.Count, elementsPerRow: 1)
    where TUpdate : UpdateOperation
{
    private nativecnn_update _update;

    protected override void Launch()
    {
        _update = UpdateRule.Of(Operation, Scalars);
        base.Launch();
    }

    protected override void ComputeRows(long first, long count, int worker)
    {
        nativecnn_update update = _update;
        // The gradient, the states and the values.
        int values = 1 + Operation.States.Count;
        float* firstMoment = UpdateRule.HasFirstMoment(Operation) ? At(1, first) : null;
        float* secondMoment = UpdateRule.HasSecondMoment(Operation) ? At(values - 1, first) : null;
        Shim.nativecnn_parameter_update(&update, At(0, first), count, firstMoment, secondMoment, At(values, first));
    }
}

/// <summary>The updates of which the shim has the rule.</summary>
internal static class UpdateRule
{
    /// <summary>Whether the shim has it.</summary>
    public static bool Knows(UpdateOperation update) =>
        update is SgdUpdate or AdamUpdate or RmsPropUpdate or AdagradUpdate or DiagonalLevenbergMarquardtUpdate;

    /// <summary>Whether the first of the states is the shim's first moment.</summary>
    public static bool HasFirstMoment(UpdateOperation update) =>
        update is AdamUpdate or SgdUpdate { HasMomentum: true } or RmsPropUpdate { HasMomentum: true };

    /// <summary>Whether the last of the states is the shim's second moment.</summary>
    public static bool HasSecondMoment(UpdateOperation update) =>
        update is AdamUpdate or RmsPropUpdate or AdagradUpdate or DiagonalLevenbergMarquardtUpdate;

    /// <summary>A step as the shim takes it.</summary>
    public static nativecnn_update Of(UpdateOperation update, ReadOnlySpan<double> scalars) =>
        update switch
        {
            SgdUpdate sgd => Of(sgd, scalars),
            AdamUpdate adam => Of(adam, scalars),
            RmsPropUpdate => OfRmsProp(scalars),
            AdagradUpdate => OfAdagrad(scalars),
            DiagonalLevenbergMarquardtUpdate => OfDiagonal(scalars),
            _ => throw new UnreachableException($"The shim does not know {update}."),
        };

    private static nativecnn_update Of(SgdUpdate update, ReadOnlySpan<double> scalars)
    {
        nativecnn_update_kind kind = update.IsNesterov
            ? nativecnn_update_kind.NATIVECNN_UPDATE_NESTEROV
            : nativecnn_update_kind.NATIVECNN_UPDATE_SGD;
        return new nativecnn_update
        {
            kind = (int)kind,
            learning_rate = (float)scalars[0],
            momentum = (float)scalars[1],
            weight_decay = (float)scalars[2],
        };
    }

    private static nativecnn_update Of(AdamUpdate update, ReadOnlySpan<double> scalars)
    {
        nativecnn_update_kind kind = update.IsDecoupled
            ? nativecnn_update_kind.NATIVECNN_UPDATE_ADAMW
            : nativecnn_update_kind.NATIVECNN_UPDATE_ADAM;
        float beta1 = (float)scalars[1];
        float beta2 = (float)scalars[2];
        double step = scalars[5];
        return new nativecnn_update
        {
            kind = (int)kind,
            learning_rate = (float)scalars[0],
            momentum = beta1,
            beta2 = beta2,
            epsilon = (float)scalars[3],
            weight_decay = (float)scalars[4],
            correction1 = Correction(beta1, step),
            correction2 = Correction(beta2, step),
        };
    }

    private static nativecnn_update OfRmsProp(ReadOnlySpan<double> scalars) =>
        new()
        {
            kind = (int)nativecnn_update_kind.NATIVECNN_UPDATE_RMSPROP,
            learning_rate = (float)scalars[0],
            beta2 = (float)scalars[1],
            epsilon = (float)scalars[2],
            momentum = (float)scalars[3],
            weight_decay = (float)scalars[4],
        };

    private static nativecnn_update OfAdagrad(ReadOnlySpan<double> scalars) =>
        new()
        {
            kind = (int)nativecnn_update_kind.NATIVECNN_UPDATE_ADAGRAD,
            learning_rate = (float)scalars[0],
            epsilon = (float)scalars[1],
            weight_decay = (float)scalars[2],
        };

    private static nativecnn_update OfDiagonal(ReadOnlySpan<double> scalars) =>
        new()
        {
            kind = (int)nativecnn_update_kind.NATIVECNN_UPDATE_DIAGONAL,
            learning_rate = (float)scalars[0],
            epsilon = (float)scalars[1],
            weight_decay = (float)scalars[2],
        };

    // 1/(1 − β^t), in float64: with a β near 1 little is left of the difference. β is the float32 that weights the
    // moments, so that the weights of all steps, corrected, add up to 1.
    private static float Correction(float beta, double step) => (float)(1 / (1 - Math.Pow(beta, step)));
}
