using NativeCnn.Tensors;

namespace NativeCnn.Backends.Operations;

/// <summary>
/// Filters as a correlation uses them: v[o,i,j,c] = w[o, K_h − 1 − i, K_w − 1 − j, c] if they are turned by 180°,
/// w[o,i,j,c] if not, and 0 where the table does not connect input map c to output map o.
/// </summary>
/// <param name="filters">O×K_h×K_w×C of both operands.</param>
/// <param name="isRotated">Whether they are turned, which makes the correlation a convolution.</param>
/// <param name="table">Which input maps each output map sees; all if null.</param>
/// <exception cref="ShapeException">The table is not for so many maps.</exception>
public sealed class FilterArrangementForward(Shape filters, bool isRotated, ConnectionTable? table)
    : Operation("forward", 0, [Operand.Read("filters", filters), Operand.Overwritten("output", filters)])
{
    /// <summary>Whether the filters are turned.</summary>
    public bool IsRotated => isRotated;

    /// <summary>Which input maps each output map sees; all if null.</summary>
    public ConnectionTable? Table { get; } = FilterArrangement.Checked(table, filters);
}

/// <summary>
/// The adjoint of <see cref="FilterArrangementForward"/>: dw[o,i,j,c] += dv[o, K_h − 1 − i, K_w − 1 − j, c], or
/// dv[o,i,j,c], where the table connects; elsewhere nothing is added.
/// </summary>
/// <param name="filters">O×K_h×K_w×C of both operands.</param>
/// <param name="isRotated">Whether they are turned.</param>
/// <param name="table">Which input maps each output map sees; all if null.</param>
/// <exception cref="ShapeException">The table is not for so many maps.</exception>
public sealed class FilterArrangementBackward(Shape filters, bool isRotated, ConnectionTable? table)
    : Operation(
        "backward-filter",
        2,
        [Operand.Read("outputGradient", filters), Operand.Accumulated("filterGradient", filters)]
    )
{
    /// <summary>Whether the filters are turned.</summary>
    public bool IsRotated => isRotated;

    /// <summary>Which input maps each output map sees; all if null.</summary>
    public ConnectionTable? Table { get; } = FilterArrangement.Checked(table, filters);
}

/// <summary>What both passes of a filter arrangement share.</summary>
internal static class FilterArrangement
{
    /// <summary>The table, refused unless it is for the filters' maps.</summary>
    public static ConnectionTable? Checked(ConnectionTable? table, Shape filters)
    {
        table?.Check(filters.Channels, filters.Outputs);
        return table;
    }

    /// <summary>The row of channels, counted over filters and taps, that a row comes from.</summary>
    public static long Source(Shape filters, bool isRotated, long row)
    {
        long taps = (long)filters.Height * filters.Width;
        return isRotated ? row / taps * taps + taps - 1 - row % taps : row;
    }

    /// <summary>The filter of a row of channels.</summary>
    public static int Filter(Shape filters, long row) => (int)(row / ((long)filters.Height * filters.Width));
}
