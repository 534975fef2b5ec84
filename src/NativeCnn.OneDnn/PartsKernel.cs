using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Threading;

namespace NativeCnn.OneDnn;

/// <summary>A tensor of a primitive that computes a part of an operation.</summary>
/// <param name="Argument">ONEDNN_SOURCE and the others.</param>
/// <param name="Layout">How the part of it lies.</param>
/// <param name="Place">Which operand of the operation it is.</param>
/// <param name="BytesPerRow">From one row to the next; 0 where all parts take the same.</param>
/// <param name="FirstByte">Where it begins in the operand's first row.</param>
internal readonly record struct PartOperand(
    int Argument,
    MemoryDescription Layout,
    int Place,
    long BytesPerRow,
    long FirstByte = 0
);

/// <summary>A primitive that computes a part of an operation.</summary>
/// <param name="Description">What it is to be.</param>
/// <param name="Operands">Its tensors.</param>
internal sealed record PartPrimitive(PrimitiveDescription Description, params PartOperand[] Operands)
{
    private Primitive? _primitive;

    /// <summary>The primitive; null where there is no description of it.</summary>
    public static PartPrimitive? Of(PrimitiveDescription? description, params PartOperand[] operands) =>
        description is null ? null : new PartPrimitive(description, operands);

    /// <summary>Makes the primitive, once.</summary>
    public void Create(OneDnnApi library, int workers) =>
        _primitive ??= new Primitive(
            library,
            Description,
            workers,
            [.. Operands.Select(operand => new PrimitiveOperand(operand.Argument, operand.Layout))]
        );

    /// <summary>Computes.</summary>
    public unsafe void Run(int worker, float* scratch, ReadOnlySpan<nint> addresses) =>
        _primitive!.Run(worker, scratch, addresses);
}

/// <summary>
/// An operation whose rows (elements, pixels, examples …) do not depend on each other, in parts that several workers
/// compute side by side; the last part may be smaller than the others and then has primitives of its own.
/// </summary>
internal sealed unsafe class PartsKernel : NativeKernel<Operation>
{
    private readonly OneDnnApi _library;
    private readonly EqualParts _parts;
    private readonly PartPrimitive[] _whole;
    private readonly PartPrimitive[] _last;

    private PartsKernel(
        OneDnnApi library,
        NativeBackend backend,
        Operation operation,
        EqualParts parts,
        PartPrimitive[] whole,
        PartPrimitive[] last
    )
        : base(backend, operation)
    {
        (_library, _parts, _whole, _last) = (library, parts, whole, last);
        foreach (PartPrimitive primitive in whole.Concat(last))
            Memory.RequirePrivate(primitive.Description.ScratchFloats);
        Algorithm = $"onednn {whole[0].Description.Implementation}";
    }

    public override string Algorithm { get; }

    /// <summary>The kernel, or null where oneDNN has nothing for it but plain loops.</summary>
    /// <param name="library">oneDNN.</param>
    /// <param name="backend">Whose threads and scratch memory it takes.</param>
    /// <param name="operation">What it computes.</param>
    /// <param name="rows">How many rows there are.</param>
    /// <param name="describe">The primitives for so many rows, run one after the other; null where there are none.</param>
    /// <param name="multiple">Parts are multiples of so many rows, but for the last.</param>
    public static Kernel? Plan(
        OneDnnApi library,
        NativeBackend backend,
        Operation operation,
        int rows,
        Func<int, IEnumerable<PartPrimitive?>> describe,
        int multiple = 1
    )
    {
        long elements = operation.Operands.Max(operand => (long)operand.Shape.Count);
        var parts = new EqualParts(rows, elements / NativeBackend.ElementsPerChunk, multiple);
        if (Usable(describe(parts.Size)) is not { } whole)
            return null;
        PartPrimitive[]? last = parts.LastSize == parts.Size ? whole : Usable(describe(parts.LastSize));
        return last is null ? null : new PartsKernel(library, backend, operation, parts, whole, last);
    }

    protected internal override void Reserve()
    {
        base.Reserve();
        foreach (PartPrimitive primitive in _whole.Concat(_last))
            primitive.Create(_library, Pool.Threads);
    }

    protected override void Launch()
    {
        var work = new Work(this);
        Pool.Run(ref work, _parts.Count);
    }

    // All of them, unless one is missing.
    private static PartPrimitive[]? Usable(IEnumerable<PartPrimitive?> described)
    {
        PartPrimitive?[] primitives = [.. described];
        return Array.TrueForAll(primitives, primitive => primitive is not null)
            ? Array.ConvertAll(primitives, primitive => primitive!)
            : null;
    }

    private void Compute(int part, int worker)
    {
        PartPrimitive[] primitives = part == _parts.Count - 1 ? _last : _whole;
        long row = _parts.FirstOf(part);
        float* scratch = Memory.Private(worker);
        const int MostOperands = 8;
        Span<nint> addresses = stackalloc nint[MostOperands];
        for (int i = 0; i < primitives.Length; i++)
        {
            PartPrimitive primitive = primitives[i];
            PartOperand[] operands = primitive.Operands;
            for (int k = 0; k < operands.Length; k++)
            {
                byte* first = (byte*)Pointer(operands[k].Place) + operands[k].FirstByte;
                addresses[k] = (nint)(first + row * operands[k].BytesPerRow);
            }
            primitive.Run(worker, scratch, addresses[..operands.Length]);
        }
    }

    private readonly struct Work(PartsKernel owner) : IParallelWork
    {
        public void Run(int part, int worker) => owner.Compute(part, worker);
    }
}
