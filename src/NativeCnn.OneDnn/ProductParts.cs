using Native = NativeCnn.Interop.OneDnn;

namespace NativeCnn.OneDnn;

/// <summary>A matrix of a product: how far apart its elements are.</summary>
/// <param name="Down">Floats from a row to the next.</param>
/// <param name="Across">Floats from a column to the next.</param>
internal readonly record struct MatrixStrides(long Down, long Across);

/// <summary>
/// A product of two matrices whose result is cut into rectangles that several workers compute side by side. The cut
/// follows from the sizes alone; the last row and the last column of rectangles may be smaller, so that there are four
/// primitives at most.
/// </summary>
internal sealed unsafe class ProductParts
{
    // Rectangles of a result: shares for many threads, but not so small that packing costs more than the product.
    private const int Most = 16;
    private const int FewestRows = 64;
    private const int FewestColumns = 32;
    private const int Lanes = 16;

    // Floats of a rectangle that stands by itself: 512 kB, which stay in a core's own cache until they are read again.
    private const int MostFloatsAlone = 128 * 1024;
    private const int FewestRowsAlone = 16;

    private readonly MatrixStrides _left;
    private readonly MatrixStrides _right;
    private readonly MatrixStrides _result;
    private readonly Cut _rows;
    private readonly Cut _columns;
    private readonly bool _hasBias;

    // By whether it is in the last row and in the last column of rectangles.
    private readonly Part[] _parts = new Part[4];

    private ProductParts(
        int rows,
        int columns,
        MatrixStrides left,
        MatrixStrides right,
        MatrixStrides? result,
        bool bias
    )
    {
        (_left, _right, _result, _hasBias) = (left, right, result ?? default, bias);
        if (result is null)
        {
            // Whole rows, which are neighbours where they go.
            _columns = Cut.Of(columns, FewestColumns, 1);
            long most = Math.Max(Most, (long)rows * columns / MostFloatsAlone);
            _rows = Cut.Of(rows, FewestRowsAlone, (int)Math.Min(most, rows));
            return;
        }
        _columns = Cut.Of(columns, FewestColumns, Most);
        _rows = Cut.Of(rows, FewestRows, Most / _columns.Count);
    }

    /// <summary>How many rectangles.</summary>
    public int Count => _rows.Count * _columns.Count;

    /// <summary>Floats of the largest rectangle.</summary>
    public long LargestFloats => (long)_rows.Size * _columns.Size;

    /// <summary>What computes them, such as <c>gemm:jit</c>.</summary>
    public string Implementation => _parts[0].Description.Implementation;

    /// <summary>Floats of scratch memory that each worker needs.</summary>
    public long ScratchFloats { get; private set; }

    /// <summary>Describes them; null where oneDNN has nothing for them but plain loops.</summary>
    /// <param name="library">oneDNN.</param>
    /// <param name="rows">Of the left matrix and the result.</param>
    /// <param name="columns">Of the right matrix and the result.</param>
    /// <param name="depth">Columns of the left matrix, rows of the right one.</param>
    /// <param name="left">The left matrix.</param>
    /// <param name="right">The right matrix.</param>
    /// <param name="result">The result; null for rectangles of whole rows that each stand by themselves.</param>
    /// <param name="hasBias">Whether a number per column is added.</param>
    public static ProductParts? Describe(
        OneDnnApi library,
        int rows,
        int columns,
        int depth,
        MatrixStrides left,
        MatrixStrides right,
        MatrixStrides? result,
        bool hasBias
    )
    {
        var parts = new ProductParts(rows, columns, left, right, result, hasBias);
        for (int k = 0; k < parts._parts.Length; k++)
        {
            int height = k / 2 == 1 ? parts._rows.LastSize : parts._rows.Size;
            int width = k % 2 == 1 ? parts._columns.LastSize : parts._columns.Size;
            if (Part.Describe(library, height, width, depth, left, right, result, hasBias) is not { } part)
                return null;
            parts._parts[k] = part;
            parts.ScratchFloats = Math.Max(parts.ScratchFloats, part.Description.ScratchFloats);
        }
        return parts;
    }

    /// <summary>Makes the primitives, once.</summary>
    public void Create(OneDnnApi library, int workers)
    {
        foreach (Part part in _parts)
            part.Create(library, workers);
    }

    /// <summary>The rows and columns of a rectangle.</summary>
    public Rectangle this[int part]
    {
        get
        {
            (int row, int column) = (part / _columns.Count, part % _columns.Count);
            return new Rectangle(
                row * _rows.Size,
                row == _rows.Count - 1 ? _rows.LastSize : _rows.Size,
                column * _columns.Size,
                column == _columns.Count - 1 ? _columns.LastSize : _columns.Size
            );
        }
    }

    /// <summary>Computes a rectangle.</summary>
    /// <param name="part">Which.</param>
    /// <param name="worker">Who computes.</param>
    /// <param name="scratch">Scratch memory of that worker.</param>
    /// <param name="left">The left matrix.</param>
    /// <param name="right">The right matrix.</param>
    /// <param name="bias">The bias; not read where there is none.</param>
    /// <param name="result">The result, or the rectangle itself where each stands by itself.</param>
    /// <returns>The rectangle's address.</returns>
    public nint Run(int part, int worker, float* scratch, float* left, float* right, float* bias, float* result)
    {
        Rectangle place = this[part];
        bool isLastRow = part / _columns.Count == _rows.Count - 1;
        bool isLastColumn = part % _columns.Count == _columns.Count - 1;
        Primitive primitive = _parts[(isLastRow ? 2 : 0) + (isLastColumn ? 1 : 0)].Primitive!;
        nint from = (nint)(left + place.Row * _left.Down);
        nint by = (nint)(right + place.Column * _right.Across);
        nint to = (nint)(result + place.Row * _result.Down + place.Column * _result.Across);
        if (_hasBias)
            primitive.Run(worker, scratch, from, by, (nint)(bias + place.Column), to);
        else
            primitive.Run(worker, scratch, from, by, to);
        return to;
    }

    /// <summary>Where a part of the result lies.</summary>
    /// <param name="Row">The first row.</param>
    /// <param name="Rows">How many.</param>
    /// <param name="Column">The first column.</param>
    /// <param name="Columns">How many.</param>
    public readonly record struct Rectangle(int Row, int Rows, int Column, int Columns);

    // A length cut into equal blocks, the last of which may be smaller.
    private readonly record struct Cut(int Size, int Count, int LastSize)
    {
        public static Cut Of(int length, int fewest, int most)
        {
            int count = Math.Clamp(length / fewest, 1, most);
            int size = (length + count - 1) / count;
            // Whole vectors, where there is more than one block.
            if (count > 1)
                size = (size + Lanes - 1) / Lanes * Lanes;
            count = (length + size - 1) / size;
            return new Cut(size, count, length - (count - 1) * size);
        }
    }

    private sealed class Part(PrimitiveDescription description, ProductMatrices matrices)
    {
        public PrimitiveDescription Description => description;

        public Primitive? Primitive { get; private set; }

        public static Part? Describe(
            OneDnnApi library,
            int rows,
            int columns,
            int depth,
            MatrixStrides left,
            MatrixStrides right,
            MatrixStrides? result,
            bool hasBias
        )
        {
            MatrixStrides written = result ?? new MatrixStrides(columns, 1);
            var matrices = new ProductMatrices(
                library.Describe([rows, depth], [left.Down, left.Across]),
                library.Describe([depth, columns], [right.Down, right.Across]),
                hasBias ? library.Describe([1, columns], [columns, 1]) : null,
                library.Describe([rows, columns], [written.Down, written.Across])
            );
            return library.Product(matrices) is { } description ? new Part(description, matrices) : null;
        }

        public void Create(OneDnnApi library, int workers)
        {
            if (Primitive is not null)
                return;
            var left = new PrimitiveOperand(Native.ONEDNN_SOURCE, matrices.Left);
            var right = new PrimitiveOperand(Native.ONEDNN_WEIGHTS, matrices.Right);
            var result = new PrimitiveOperand(Native.ONEDNN_DESTINATION, matrices.Result);
            Primitive = matrices.Bias is { } bias
                ? new Primitive(
                    library,
                    description,
                    workers,
                    left,
                    right,
                    new PrimitiveOperand(Native.ONEDNN_BIAS, bias),
                    result
                )
                : new Primitive(library, description, workers, left, right, result);
        }
    }
}
