using System.Runtime.InteropServices;
using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Randomness;
using NativeCnn.Tensors;

namespace NativeCnn.Benchmarks;

/// <summary>
/// An operation on a backend of float32 with its operands, whose first run was compared with the managed backend's and
/// which can be run again to be timed.
/// </summary>
internal sealed unsafe class ProvenOperation : IDisposable
{
    private readonly BenchmarkedOperation _benchmark;
    private readonly Backend _backend;
    private readonly Dictionary<string, Tensor> _tensors = [];
    private readonly Tensor?[] _operands;
    private RandomStream _random = new(1);

    /// <summary>Prepares and proves it on the native backend, by the algorithm that is measured.</summary>
    /// <exception cref="InvalidOperationException">A result is wrong; the message says which.</exception>
    public ProvenOperation(BenchmarkedOperation benchmark, int threads)
        : this(
            benchmark,
            new NativeBackend(new NativeBackendOptions { Threads = threads, Algorithm = benchmark.Algorithm })
        ) { }

    /// <summary>Prepares and proves it on a backend, which is disposed with it.</summary>
    /// <exception cref="InvalidOperationException">A result is wrong; the message says which.</exception>
    public ProvenOperation(BenchmarkedOperation benchmark, Backend backend)
    {
        _benchmark = benchmark;
        _backend = backend;
        Kernel = _backend.Prepare(benchmark.Operation);
        using ManagedBackend managed = new();
        if (benchmark.After is { } before)
            managed.Prepare(before).Run(OperandsOf(before));
        _operands = OperandsOf(benchmark.Operation);
        Prove(managed);
    }

    /// <summary>What computes it.</summary>
    public Kernel Kernel { get; }

    /// <summary>Computes it again on what the last run left; what is added to or updated goes on changing.</summary>
    public void Run() => Kernel.Run(_operands, _benchmark.Scalars);

    public void Dispose()
    {
        foreach (Tensor tensor in _tensors.Values)
            tensor.Dispose();
        _backend.Dispose();
    }

    private Tensor?[] OperandsOf(Operation operation) =>
        [.. operation.Operands.Select(declared => declared.IsWanted ? TensorOf(declared) : null)];

    // What is overwritten starts with all bits set, which is NaN, so that what is not written shows.
    private Tensor TensorOf(Operand declared)
    {
        if (_tensors.TryGetValue(declared.Name, out Tensor? tensor))
            return tensor;
        tensor = new Tensor(declared.Shape, declared.TypeOn(ElementType.Float32));
        _tensors.Add(declared.Name, tensor);
        if (declared.Role == OperandRole.Overwritten)
            NativeMemory.Fill(tensor.Pointer, (nuint)tensor.ByteCount, 0xFF);
        else
            _benchmark.Filled.GetValueOrDefault(declared.Name, Fillings.Noise)(ref _random, tensor);
        return tensor;
    }

    private void Prove(ManagedBackend managed)
    {
        Operation operation = _benchmark.Operation;
        (Operation part, Selection[] places) = operation is ConvolutionOperation convolution
            ? ConvolutionPart.Of(convolution)
            : (operation, [.. _operands.Select(_ => Selection.Everything)]);
        // Copied before anything runs, since some operands are updated.
        Tensor?[] expected =
        [
            .. _operands.Zip(places, (operand, place) => operand is null ? null : place.Copy(operand)),
        ];
        Run();
        managed.Prepare(part).Run(expected, _benchmark.Scalars);
        for (int k = 0; k < expected.Length; k++)
        {
            Operand declared = operation.Operands[k];
            if (_operands[k] is not { } result || declared.Role == OperandRole.Read)
                continue;
            CheckFinite(declared.Name, result);
            using Tensor actual = places[k].Copy(result);
            Compare(declared, expected[k]!, actual);
        }
        foreach (Tensor? tensor in expected)
            tensor?.Dispose();
    }

    // All of it: of a large convolution only a part is compared.
    private void CheckFinite(string name, Tensor result)
    {
        if (result.Type != ElementType.Float32)
            return;
        int i = 0;
        foreach (float value in result.Span)
        {
            if (!float.IsFinite(value))
                throw Wrong($"{name} is {value} at {i}");
            i++;
        }
    }

    private void Compare(Operand declared, Tensor expected, Tensor actual)
    {
        string name = declared.Name;
        if (expected.Type != ElementType.Float32)
        {
            // Places of maxima: there is no nearly right.
            int same = Bytes(expected).CommonPrefixLength(Bytes(actual));
            if (same < expected.ByteCount)
                throw Wrong($"{name} has byte {Bytes(actual)[same]} at {same}, expected {Bytes(expected)[same]}");
            return;
        }
        Tolerance tolerance = Tolerance.Of(Kernel, declared);
        ReadOnlySpan<float> right = expected.Span;
        ReadOnlySpan<float> found = actual.Span;
        for (int i = 0; i < right.Length; i++)
        {
            if (!tolerance.Allows(right[i], found[i]))
                throw Wrong($"{name} is {found[i]:r} at {i}, expected {right[i]:r} ± {tolerance.Around(right[i]):g3}");
        }
    }

    private InvalidOperationException Wrong(string what) => new($"The result of {_benchmark} is wrong: {what}.");

    private static ReadOnlySpan<byte> Bytes(Tensor tensor) => new(tensor.Pointer, checked((int)tensor.ByteCount));
}
