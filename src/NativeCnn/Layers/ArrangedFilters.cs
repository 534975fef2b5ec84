using NativeCnn.Backends;
using NativeCnn.Backends.Operations;

namespace NativeCnn.Layers;

/// <summary>
/// The filters of a convolution as it takes them: the parameter itself, or a copy turned by 180° or without what a
/// connection table leaves out.
/// </summary>
internal readonly record struct ArrangedFilters(bool IsRotated, ConnectionTable? Table = null)
{
    private bool IsCopy => IsRotated || Table is not null;

    /// <summary>The filters for the forward pass, and for the gradient of the input.</summary>
    public Symbol Forward(LayerContext context, in ConvolutionGeometry geometry)
    {
        if (!IsCopy)
            return context.Parameter(0);
        Symbol filters = context.NewSymbol("filters", geometry.FilterShape);
        context.Call(
            new FilterArrangementForward(geometry.FilterShape, IsRotated, Table),
            context.Parameter(0),
            filters
        );
        return filters;
    }

    /// <summary>
    /// Adds the filters' gradient to the parameter's; of squared inputs and second derivatives, these.
    /// </summary>
    public void Backward(LayerContext context, in ConvolutionGeometry geometry, Symbol input, Symbol gradient)
    {
        if (!IsCopy)
        {
            context.Call(new ConvolutionBackwardFilter(geometry), input, gradient, context.ParameterGradient(0));
            return;
        }
        Symbol filterGradient = context.NewSymbol("filter gradient", geometry.FilterShape);
        context.Call(new Clear(geometry.FilterShape), filterGradient);
        context.Call(new ConvolutionBackwardFilter(geometry), input, gradient, filterGradient);
        context.Call(
            new FilterArrangementBackward(geometry.FilterShape, IsRotated, Table),
            filterGradient,
            context.ParameterGradient(0)
        );
    }
}
