using System.Diagnostics;
using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Layers;

/// <summary>An operation on symbols, and, once the network has its memory, a kernel on tensors.</summary>
/// <param name="operation">The operation.</param>
/// <param name="operands">As declared; null for those that are not wanted.</param>
/// <param name="scalars">As declared; whoever made the array may change its numbers between runs.</param>
internal sealed class OperationCall(Operation operation, Symbol?[] operands, double[] scalars)
{
    private readonly Tensor?[] _tensors = new Tensor?[operands.Length];
    private Kernel? _kernel;

    // Where the results are kept: of the operands, as they were when the results were computed.
    private long[]? _versions;
    private bool _isCurrent;

    private string? LayerText => Layer is null ? null : $"Layer '{Layer.Name}' ({Layer.Kind})";

    /// <summary>What is computed.</summary>
    public Operation Operation => operation;

    /// <summary>On what.</summary>
    public IReadOnlyList<Symbol?> Operands => operands;

    /// <summary>The layer that asked for it; null for what belongs to none.</summary>
    public Layer? Layer { get; init; }

    /// <summary>What computes it; known once it is bound.</summary>
    public Kernel Kernel => _kernel ?? throw new InvalidOperationException($"{operation} has no kernel yet.");

    /// <summary>The kernel that a backend has for it, without scratch memory yet.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="keepsPacked">Whether the kernel keeps what it packs of parameters from run to run.</param>
    /// <exception cref="NotSupportedException">There is none; the message names layer and operation.</exception>
    public Kernel Plan(Backend backend, bool keepsPacked = false)
    {
        try
        {
            _kernel =
                backend.Plan(operation)
                ?? throw new NotSupportedException($"The backend '{backend.Name}' has no kernel for {operation}.");
            if (keepsPacked && _kernel.PackedOperand is { } place && IsKept(operands[place]))
                _kernel.KeepPacked();
            return _kernel;
        }
        catch (NotSupportedException e) when (Layer is not null)
        {
            throw new NotSupportedException($"{LayerText}: {e.Message}", e);
        }
    }

    /// <summary>Takes the kernel's scratch memory.</summary>
    /// <exception cref="KernelException">It cannot be prepared; the message names layer and operation.</exception>
    public void Reserve()
    {
        try
        {
            Backend.Reserve(Kernel);
        }
        catch (KernelException e)
        {
            e.Layer ??= LayerText;
            throw;
        }
    }

    /// <summary>Gives every operand its tensor.</summary>
    public void Bind(Func<Symbol, Tensor?> tensorOf)
    {
        for (int i = 0; i < operands.Length; i++)
            _tensors[i] = operands[i] is { } symbol ? tensorOf(symbol) : null;
    }

    /// <summary>Gives the operands that are a symbol, or a view of it, another tensor.</summary>
    public void Bind(Symbol symbol, Tensor tensor)
    {
        for (int i = 0; i < operands.Length; i++)
        {
            if (operands[i] is { } operand && operand.Root == symbol)
                _tensors[i] = operand == symbol ? tensor : tensor.View(operand.Shape);
        }
    }

    private static bool IsKept(Symbol? operand) => operand?.Root.Home is SymbolHome.Parameter or SymbolHome.Prepared;

    /// <summary>
    /// Has it run only after an operand that it reads was written: the results stay where they are.
    /// </summary>
    public void KeepResults() => _versions = new long[operands.Length];

    /// <summary>Has the next run compute it, and pack, whether an operand was written or not.</summary>
    public void Forget()
    {
        _isCurrent = false;
        Kernel.ForgetPacked();
    }

    /// <summary>Computes it.</summary>
    /// <exception cref="KernelException">It failed; the message names layer and operation.</exception>
    public void Run()
    {
        if (_versions is not null && HasResults(_versions))
            return;
        // A run that fails leaves nothing that the next one could take for results.
        _isCurrent = false;
        try
        {
            Kernel.Run(_tensors, scalars);
            _isCurrent = true;
        }
        catch (KernelException e)
        {
            e.Layer ??= LayerText;
            throw;
        }
    }

    // Versions are read before the operands are: whoever writes these meanwhile makes the results old.
    private bool HasResults(long[] versions)
    {
        bool isCurrent = _isCurrent;
        for (int i = 0; i < versions.Length; i++)
        {
            if (operation.Operands[i].Role != OperandRole.Read || _tensors[i] is not { } tensor)
                continue;
            long version = tensor.Buffer.Version;
            isCurrent &= versions[i] == version;
            versions[i] = version;
        }
        return isCurrent;
    }

    /// <summary>Computes it and tells an observer how long it took.</summary>
    public void Run(ICallObserver? observer)
    {
        if (observer is null)
        {
            Run();
            return;
        }
        long start = Stopwatch.GetTimestamp();
        Run();
        observer.Finished(this, Stopwatch.GetTimestamp() - start);
    }
}

/// <summary>Is told how long each call took.</summary>
internal interface ICallObserver
{
    /// <param name="call">What ran.</param>
    /// <param name="ticks">How long it took, in ticks of <see cref="Stopwatch"/>.</param>
    void Finished(OperationCall call, long ticks);
}
