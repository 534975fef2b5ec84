using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Verification;

/// <summary>Another backend with one operation whose last element of one operand is made wrong.</summary>
/// <param name="inner">What computes.</param>
/// <param name="operation">The operation's name.</param>
/// <param name="operand">The operand's name.</param>
/// <param name="spoil">What becomes of the element, given how often the operation has run, from 1.</param>
internal sealed class SpoilingBackend(Backend inner, string operation, string operand, Func<float, int, float> spoil)
    : Backend
{
    private int _runs;

    public override string Name => "spoiled";

    public override ElementType ElementType => inner.ElementType;

    public override int Threads => inner.Threads;

    public override Kernel? Plan(Operation planned)
    {
        Kernel? kernel = inner.Plan(planned);
        return kernel is not null && planned.Name == operation ? new Spoiled(this, kernel) : kernel;
    }

    protected override void Dispose(bool disposing)
    {
        inner.Dispose();
        base.Dispose(disposing);
    }

    private sealed class Spoiled(SpoilingBackend backend, Kernel kernel) : Kernel(backend, kernel.Operation)
    {
        public override string Algorithm => kernel.Algorithm;

        public override double RoundingsPerProduct => kernel.RoundingsPerProduct;

        protected internal override void Reserve() => Backend.Reserve(kernel);

        protected internal override void Compute(ReadOnlySpan<Tensor?> operands, ReadOnlySpan<double> scalars)
        {
            kernel.Run(operands, scalars);
            int index = Operation.Operands.TakeWhile(declared => declared.Name != backend.Operand).Count();
            ref float last = ref operands[index]!.Span[^1];
            last = backend.Spoil(last);
        }
    }

    private string Operand => operand;

    private float Spoil(float value) => spoil(value, ++_runs);
}
