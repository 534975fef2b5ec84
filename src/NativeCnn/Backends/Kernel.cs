using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Backends;

/// <summary>The scratch memory of a kernel, which kernels of one backend share.</summary>
/// <param name="BytesPerThread">For each thread of the backend.</param>
/// <param name="SharedBytes">For all threads together.</param>
public readonly record struct ScratchSize(long BytesPerThread, long SharedBytes);

/// <summary>
/// How a backend computes one operation: made by <see cref="Backend.Prepare"/>, run any number of times.
/// </summary>
/// <remarks>
/// A kernel of one's own derives from this and overrides <see cref="Compute"/>; a backend of one's own hands it out.
/// Its operands have been checked against the declaration by then, and nothing else of the backend runs at the same
/// time.
/// </remarks>
public abstract class Kernel
{
    /// <summary>A kernel of a backend for an operation.</summary>
    protected Kernel(Backend backend, Operation operation)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(operation);
        Backend = backend;
        Operation = operation;
    }

    /// <summary>Whose kernel it is.</summary>
    public Backend Backend { get; }

    /// <summary>What it computes.</summary>
    public Operation Operation { get; }

    /// <summary>What the documentation calls the algorithm; empty where there is but one.</summary>
    public virtual string Algorithm => "";

    /// <summary>The scratch memory that it needs, known before any is taken.</summary>
    public virtual ScratchSize Scratch => default;

    /// <summary>
    /// Roundings of float32 (2⁻²⁴) by which a sum of n products of values between −1 and 1 may be off, divided by n: 2
    /// for a plain sum in any order, more for algorithms that transform their operands.
    /// </summary>
    public virtual double RoundingsPerProduct => 2;

    /// <summary>Computes the operation. Allocates nothing on the native backend.</summary>
    /// <param name="operands">
    /// The tensors in the order of <see cref="Operation.Operands"/>, null for those that are not wanted.
    /// </param>
    /// <param name="scalars">The numbers in the order of <see cref="Operation.Scalars"/>.</param>
    /// <exception cref="ArgumentException">An operand does not fit; nothing was computed.</exception>
    /// <exception cref="InvalidOperationException">
    /// The backend is computing on another thread; nothing was computed.
    /// </exception>
    /// <exception cref="ObjectDisposedException">
    /// The backend or an operand was disposed; nothing was computed.
    /// </exception>
    /// <exception cref="KernelException">What computes, such as a library, failed.</exception>
    public void Run(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars = default)
    {
        Operation.CheckOperands(operands, scalars, Backend.ElementType);
        int held = 0;
        try
        {
            // From here on nobody frees what kernels know by its address only, whoever disposes or forgets it.
            for (; held < operands.Length; held++)
                operands[held]?.Buffer.Hold();
            Operation.CheckContent(operands, scalars);
            Backend.Enter();
            try
            {
                Compute(operands, scalars);
            }
            catch (KernelException e)
            {
                e.Operation ??= Operation;
                throw;
            }
            finally
            {
                Backend.Leave();
                MarkWritten(operands);
            }
        }
        finally
        {
            while (--held >= 0)
                operands[held]?.Buffer.DangerousRelease();
        }
    }

    /// <summary>
    /// The operand of which the kernel packs another form before it computes, such as transformed filters; null for
    /// none.
    /// </summary>
    internal virtual int? PackedOperand => null;

    /// <summary>
    /// Has that form kept from run to run, until the operand is written; called before the memory is taken.
    /// </summary>
    internal virtual void KeepPacked() { }

    /// <summary>The bytes that it takes where it is kept.</summary>
    internal virtual long KeptBytes => 0;

    /// <summary>Has the next run pack again.</summary>
    internal virtual void ForgetPacked() { }

    /// <summary>Frees what is kept; the kernel does not run again.</summary>
    internal virtual void FreePacked() { }

    /// <summary>Takes the scratch memory; called once, when the kernel is prepared.</summary>
    protected internal virtual void Reserve() { }

    private void MarkWritten(ReadOnlySpan<Tensor?> operands)
    {
        for (int i = 0; i < operands.Length; i++)
        {
            if (Operation.Operands[i].Role != OperandRole.Read)
                operands[i]?.Buffer.MarkWritten();
        }
    }

    /// <summary>Computes the operation on operands that were checked.</summary>
    protected internal abstract void Compute(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars);
}
