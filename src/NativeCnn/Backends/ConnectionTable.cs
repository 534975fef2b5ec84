using NativeCnn.Tensors;

namespace NativeCnn.Backends;

/// <summary>
/// Which input maps feed each output map of a convolution (M_j of J. Bouvrie, "Notes on convolutional neural networks",
/// 2006, section 3.1). Immutable.
/// </summary>
public sealed class ConnectionTable
{
    /// <summary>The most pairs of maps that a table can have.</summary>
    public const int MostConnections = 1 << 20;

    private readonly int[][] _rows;

    /// <summary>A table by hand.</summary>
    /// <param name="rows">For each output map the input maps that it sees, from 0, in any order, each once.</param>
    /// <exception cref="ArgumentException">
    /// There is no row, a row is empty or null, has an index below 0 or one twice, or there are more than
    /// <see cref="MostConnections"/>; the message names the row.
    /// </exception>
    public ConnectionTable(IReadOnlyList<IReadOnlyList<int>> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count == 0)
            throw new ArgumentException("A connection table has a row for each output map; got none.", nameof(rows));
        _rows = new int[rows.Count][];
        for (int o = 0; o < _rows.Length; o++)
        {
            if (rows[o] is not { Count: > 0 } row)
                throw new ArgumentException(
                    $"Row {o} of the connection table is empty: output map {o} would see nothing.",
                    nameof(rows)
                );
            _rows[o] = [.. row.Order()];
            if (FaultOf(_rows[o]) is { } fault)
                throw new ArgumentException($"Row {o} of the connection table names input map {fault}.", nameof(rows));
            Connections += row.Count;
            CheckCount(Connections, nameof(rows));
        }
    }

    /// <summary>The output maps.</summary>
    public int Outputs => _rows.Length;

    /// <summary>The pairs of maps that are connected.</summary>
    public int Connections { get; }

    /// <summary>The input maps that an output map sees, in ascending order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such output map.</exception>
    public IReadOnlyList<int> InputsOf(int output) =>
        output >= 0 && output < _rows.Length
            ? Array.AsReadOnly(_rows[output])
            : throw new ArgumentOutOfRangeException(
                nameof(output),
                $"The connection table has {_rows.Length} rows; there is no row {output}."
            );

    /// <summary>Every output map sees every input map: the convolution without a table.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A number is below 1, or there are too many connections.
    /// </exception>
    public static ConnectionTable Full(int inputs, int outputs)
    {
        CheckInputs(inputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        CheckCount((long)inputs * outputs, nameof(inputs));
        int[] all = [.. Enumerable.Range(0, inputs)];
        return new ConnectionTable([.. Enumerable.Repeat(all, outputs)]);
    }

    /// <summary>An output map for each pair of input maps, n(n − 1)/2 of them, in lexicographic order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// There are fewer than 2 input maps, or too many connections.
    /// </exception>
    public static ConnectionTable AllPairs(int inputs)
    {
        CheckInputs(inputs, 2);
        CheckCount(2 * ((long)inputs * (inputs - 1L) / 2), nameof(inputs));
        return new ConnectionTable([
            .. from a in Enumerable.Range(0, inputs)
            from b in Enumerable.Range(a + 1, inputs - a - 1)
            select new[] { a, b },
        ]);
    }

    /// <summary>
    /// An output map for each triplet of input maps, n(n − 1)(n − 2)/6 of them, in lexicographic order.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// There are fewer than 3 input maps, or too many connections.
    /// </exception>
    public static ConnectionTable AllTriplets(int inputs)
    {
        CheckInputs(inputs, 3);
        // n³ passes 64 bits.
        Int128 connections = (Int128)inputs * (inputs - 1) * (inputs - 2) / 2;
        CheckCount((long)Int128.Min(connections, long.MaxValue), nameof(inputs));
        return new ConnectionTable([
            .. from a in Enumerable.Range(0, inputs)
            from b in Enumerable.Range(a + 1, inputs - a - 1)
            from c in Enumerable.Range(b + 1, inputs - b - 1)
            select new[] { a, b, c },
        ]);
    }

    /// <summary>
    /// C3 of LeNet-5: 6 input maps, 16 output maps, of which six see three neighbours, six four neighbours, three four
    /// others, and one all.
    /// </summary>
    /// <remarks>
    /// Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition", 1998,
    /// table I.
    /// </remarks>
    public static ConnectionTable LeNet5C3 { get; } =
        new([
            [0, 1, 2],
            [1, 2, 3],
            [2, 3, 4],
            [3, 4, 5],
            [0, 4, 5],
            [0, 1, 5],
            [0, 1, 2, 3],
            [1, 2, 3, 4],
            [2, 3, 4, 5],
            [0, 3, 4, 5],
            [0, 1, 4, 5],
            [0, 1, 2, 5],
            [0, 1, 3, 4],
            [1, 2, 4, 5],
            [0, 2, 3, 5],
            [0, 1, 2, 3, 4, 5],
        ]);

    /// <summary>For each output map the input maps that it sees.</summary>
    internal IReadOnlyList<IReadOnlyList<int>> Rows => _rows;

    /// <summary>The input maps that an output map sees.</summary>
    internal ReadOnlySpan<int> Row(int output) => _rows[output];

    /// <summary>Refuses numbers of maps that the table is not for.</summary>
    /// <exception cref="ShapeException">The message has the row and the map.</exception>
    internal void Check(int inputs, int outputs)
    {
        if (outputs != _rows.Length)
            throw new ShapeException(
                $"The connection table has {_rows.Length} rows, one for each output map; there are {outputs}."
            );
        for (int o = 0; o < _rows.Length; o++)
        {
            if (_rows[o][^1] >= inputs)
                throw new ShapeException(
                    $"Row {o} of the connection table names input map {_rows[o][^1]}; "
                        + $"there are {inputs}, counted from 0."
                );
        }
    }

    // Of a row in ascending order; null where there is none.
    private static string? FaultOf(int[] row)
    {
        if (row[0] < 0)
            return $"{row[0]}; they are counted from 0";
        int twice = Enumerable.Range(1, row.Length - 1).FirstOrDefault(k => row[k] == row[k - 1]);
        return twice == 0 ? null : $"{row[twice]} twice";
    }

    private static void CheckInputs(int inputs, int least) =>
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, least);

    private static void CheckCount(long connections, string name)
    {
        if (connections > MostConnections)
            throw new ArgumentOutOfRangeException(
                name,
                $"A connection table has at most {MostConnections} connections; got {connections}."
            );
    }
}
