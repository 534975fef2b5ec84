using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

/// <summary>What a kernel refuses: naming operation and operand, and before anything is written.</summary>
public abstract partial class OperationContractTests<TFixture>
{
    [Theory, EveryRow]
    public void An_operand_that_does_not_fit_its_declaration_is_refused(string name)
    {
        OperationCase row = OperationCases.Find(name);
        using OperationMemory memory = new(row, Backend.ElementType);
        for (int k = 0; k < memory.Operands.Length; k++)
        {
            Operand operand = memory.Declared[k];
            ElementType type = operand.TypeOn(Backend.ElementType);
            using Tensor right = new(operand.Shape, type);
            using Tensor otherShape = new(Shape.Vector(operand.Shape.Count + 1, 1), type);
            using Tensor otherType = new(
                operand.Shape,
                type == ElementType.Float32 ? ElementType.Float64 : ElementType.Float32
            );
            void Refused<TException>(Tensor? given, string words)
                where TException : Exception
            {
                Tensor?[] operands = [.. memory.Operands];
                operands[k] = given;
                AssertRefused<TException>(row, memory, operands, row.Scalars, [operand.Name, words]);
            }
            if (!operand.IsWanted)
            {
                Refused<ArgumentException>(right, "is not wanted");
                continue;
            }
            Refused<ArgumentNullException>(null, "is missing");
            Refused<ShapeException>(otherShape, $"{operand.Name} is {otherShape}; expected {type} {operand.Shape}");
            Refused<ShapeException>(otherType, $"{operand.Name} is {otherType}; expected {type} {operand.Shape}");
            right.Dispose();
            Refused<ObjectDisposedException>(right, "was freed");
        }
    }

    [Theory, EveryRow]
    public void Another_number_of_operands_or_scalars_is_refused(string name)
    {
        OperationCase row = OperationCases.Find(name);
        using OperationMemory memory = new(row, Backend.ElementType);
        (int operands, int scalars) = (memory.Operands.Length, row.Scalars.Length);
        void Refused(Tensor?[] given, double[] numbers, string words) =>
            AssertRefused<ArgumentException>(row, memory, given, numbers, words);
        Refused([.. memory.Operands, null], row.Scalars, $"takes {operands} operands; got {operands + 1}");
        Refused(memory.Operands[1..], row.Scalars, $"takes {operands} operands; got {operands - 1}");
        Refused(memory.Operands, [.. row.Scalars, 1], $"takes {scalars} scalars");
        if (scalars > 0)
            Refused(memory.Operands, row.Scalars[1..], $"; got {scalars - 1}");
    }

    [Theory, EveryRow]
    public void What_is_written_shares_no_memory_with_other_operands_unless_it_may_be_the_same(string name)
    {
        const int Step = 64;
        OperationCase row = OperationCases.Find(name);
        using OperationMemory memory = new(row, Backend.ElementType);
        int[] wanted = [.. Enumerable.Range(0, memory.Operands.Length).Where(k => memory.Declared[k].IsWanted)];
        foreach (int k in wanted.Where(k => memory.Declared[k].Role != OperandRole.Read))
        foreach (int other in wanted.Where(other => other != k))
        {
            (Tensor written, Tensor second) = (memory.Operands[k]!, memory.Operands[other]!);
            using Arena arena = new(written.ByteCount + second.ByteCount + 2 * Step);
            Tensor?[] operands = [.. memory.Operands];
            operands[other] = arena.At(Step, second.Shape, second.Type);
            void Refused(int offset)
            {
                operands[k] = arena.At(offset, written.Shape, written.Type);
                string[] words = [memory.Declared[k].Name, "shares memory with", memory.Declared[other].Name];
                AssertRefused<ArgumentException>(row, memory, operands, row.Scalars, words);
                Tensor everything = arena.At(0, Shape.Vector(1, (int)arena.ByteCount), ElementType.Byte);
                Assert.Equal(-1, everything.AsSpan<byte>().IndexOfAnyExcept<byte>(0));
            }
            // At the very same place; partly, from before it; partly, from inside it.
            if (memory.Declared[k].MayBe != memory.Declared[other].Name)
                Refused(Step);
            if (written.ByteCount > Step)
                Refused(0);
            if (second.ByteCount > Step)
                Refused(2 * Step);
        }
    }

    private void AssertRefused<TException>(
        OperationCase row,
        OperationMemory memory,
        Tensor?[] operands,
        double[] scalars,
        params string[] words
    )
        where TException : Exception
    {
        byte[] before = memory.Bytes();
        Kernel kernel = Backend.Prepare(row.Operation);
        string message = Assert.Throws<TException>(() => kernel.Run(operands, scalars)).Message;
        Assert.All([row.Operation.Name, .. words], word => Assert.Contains(word, message, StringComparison.Ordinal));
        Comparison.SameBits<byte>(before, memory.Bytes(), "memory after a refusal");
    }
}
