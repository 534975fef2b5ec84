using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Layers;
using NativeCnn.Tensors;

namespace NativeCnn.Verification;

/// <summary>
/// One operation on every backend: the others compute from copies, the reference, last, on the operands themselves, which
/// it may change in place.
/// </summary>
/// <param name="backend">What it is planned by.</param>
/// <param name="operation">The operation.</param>
/// <param name="reference">The reference's kernel.</param>
/// <param name="others">The other backends' kernels.</param>
/// <param name="names">
/// The other backends' names: a kernel's own backend may be one within, such as the native one within onednn's.
/// </param>
internal sealed class ComparingKernel(
    ComparingBackend backend,
    Operation operation,
    Kernel reference,
    IReadOnlyList<Kernel> others,
    IReadOnlyList<string> names
) : Kernel(backend, operation)
{
    // Up to so many multiply-adds, a unit of rounding is the largest of three trials, above of one.
    private const long FewMultiplyAdds = 10_000_000;

    // Beyond so many terms, rounding each of them shows.
    private const double ShortSum = 64;

    // What a kernel that sums plainly says of its roundings.
    private const double PlainSum = 2;

    private readonly List<ComparedOperand> _written =
    [
        .. Enumerable
            .Range(0, operation.Operands.Count)
            .Where(k => operation.Operands[k] is { IsWanted: true, Role: not OperandRole.Read })
            .Select(k => new ComparedOperand(k, operation.Operands[k].Name, others.Count)),
    ];
    private string _layer = "";

    /// <inheritdoc/>
    public override string Algorithm => reference.Algorithm;

    /// <inheritdoc/>
    public override ScratchSize Scratch =>
        new(
            0,
            others
                .Append(reference)
                .Sum(kernel => kernel.Backend.Threads * kernel.Scratch.BytesPerThread + kernel.Scratch.SharedBytes)
        );

    /// <summary>Names layer and tensors as the network does.</summary>
    public void Name(OperationCall call)
    {
        _layer = call.Layer?.Name ?? "";
        foreach (ComparedOperand operand in _written)
        {
            string name = call.Operands[operand.Index]!.Name;
            operand.Name =
                _layer.Length > 0 && name.StartsWith(_layer, StringComparison.Ordinal)
                    ? name[_layer.Length..].TrimStart(' ', '.')
                    : name;
        }
    }

    /// <summary>What was found.</summary>
    public IEnumerable<ComparedTensor> Results() =>
        _written.Select(operand => new ComparedTensor(
            _layer,
            Operation.Name,
            Operation.Pass,
            operand.Name,
            Algorithm,
            [
                .. others.Select(
                    (kernel, i) =>
                        new TensorDifference(
                            names[i],
                            kernel.Algorithm,
                            operand.WorstStep[i],
                            operand.Worst[i]!,
                            operand.FirstBeyond[i]
                        )
                ),
            ]
        ));

    /// <inheritdoc/>
    protected internal override void Reserve()
    {
        foreach (Kernel kernel in others.Append(reference))
            Backend.Reserve(kernel);
    }

    /// <inheritdoc/>
    protected internal override void Compute(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
    {
        if (backend.Compared.All(kernel => kernel != this))
            backend.Add(this);
        var copies = new List<OperandCopies>();
        try
        {
            foreach (Kernel kernel in others)
            {
                copies.Add(OperandCopies.OfWritten(Operation, operands));
                kernel.Run(copies[^1].Tensors, scalars);
            }
            int trials = Operation.MultiplyAdds <= FewMultiplyAdds ? 3 : 1;
            for (int trial = 0; trial < trials; trial++)
            {
                copies.Add(OperandCopies.Rounded(Operation, operands, seed: ((ulong)backend.Step << 8) + (ulong)trial));
                reference.Run(copies[^1].Tensors, scalars);
                copies[^1].KeepWritten();
            }
            reference.Run(operands, scalars);
            foreach (ComparedOperand operand in _written)
                Compare(operand, operands[operand.Index]!, copies);
        }
        finally
        {
            copies.ForEach(copy => copy.Dispose());
        }
    }

    private void Compare(ComparedOperand operand, Tensor expected, List<OperandCopies> copies)
    {
        Operand declared = Operation.Operands[operand.Index];
        int terms = declared.SumLength ?? Operation.SumLength;
        bool isExact = terms == 0 || expected.Type is not (ElementType.Float32 or ElementType.Float64);
        double unit = Tolerance.Rounding * TensorValues.Largest(expected);
        foreach (OperandCopies trial in copies.Skip(others.Count))
            unit = Math.Max(unit, TensorValues.Worst(expected, trial.Tensors[operand.Index]!).FiniteError);
        unit *= Math.Max(1, Math.Sqrt(terms / ShortSum));
        for (int i = 0; i < others.Count; i++)
        {
            WorstElement worst = TensorValues.Worst(expected, copies[i].Tensors[operand.Index]!);
            double roundings = Math.Max(reference.RoundingsPerProduct, others[i].RoundingsPerProduct) / PlainSum;
            double allowed = isExact ? 0 : backend.AllowedUnits * roundings * unit;
            operand.Add(
                i,
                backend.Step,
                new TensorCheck(operand.Name, worst.Index, worst.Expected, worst.Actual, worst.Error, unit, allowed)
            );
        }
    }

    /// <summary>What is known of an operand that is written, for each of the other backends.</summary>
    private sealed class ComparedOperand(int index, string name, int others)
    {
        public int Index => index;

        public string Name { get; set; } = name;

        public TensorCheck?[] Worst { get; } = new TensorCheck?[others];

        public int[] WorstStep { get; } = new int[others];

        public int?[] FirstBeyond { get; } = new int?[others];

        public void Add(int other, int step, TensorCheck check)
        {
            if (!check.Passed)
                FirstBeyond[other] ??= step;
            if (Worst[other] is { } worst && worst.Units >= check.Units)
                return;
            Worst[other] = check;
            WorstStep[other] = step;
        }
    }
}
