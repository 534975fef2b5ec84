using System.Text.RegularExpressions;
using NativeCnn.Backends;
using NativeCnn.Tensors;
using static NativeCnn.Tests.TensorValues;

namespace NativeCnn.Tests.Backends;

/// <summary>What every backend refuses, and how it says so.</summary>
public sealed partial class OperationChecksTests
{
    public static TheoryData<string> Backends => TestBackends.Names;

    /// <summary>Every backend with every operand of the first row of each operation.</summary>
    public static TheoryData<string, string, int> Operands
    {
        get
        {
            TheoryData<string, string, int> rows = [];
            foreach (OperationCase row in OperationCases.FirstOfEachOperation)
            foreach (string backend in TestBackends.Keys)
            {
                // A single tensor agrees with itself.
                for (int k = 0; row.Operands.Count > 1 && k < row.Operands.Count; k++)
                    rows.Add(backend, row.Name, k);
            }
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Operands))]
    public void A_wrong_shape_is_named_with_the_operation_and_the_expected_shape(string backend, string name, int wrong)
    {
        OperationCase row = OperationCases.Find(name);
        Shape right = row.Operands[wrong].Shape;
        Shape changed = new(right.Batch, right.Height, right.Width, right.Channels + 1);
        string message = RefusalOf(backend, row, wrong, changed, null);
        Assert.StartsWith(row.Operation + ": ", message, StringComparison.Ordinal);
        string[] shapes = [.. FourSizes().Matches(message).Select(match => match.Value).Distinct()];
        Assert.True(shapes.Length >= 2, $"\"{message}\" does not name both shapes.");
        Assert.Contains(shapes, shape => shape == changed.ToString() || shape == right.ToString());
    }

    [Theory]
    [MemberData(nameof(Operands))]
    public void A_wrong_element_type_is_named_with_the_operation(string backend, string name, int wrong)
    {
        OperationCase row = OperationCases.Find(name);
        string message = RefusalOf(backend, row, wrong, row.Operands[wrong].Shape, ElementType.UInt16);
        Assert.StartsWith($"{row.Operation}: {row.Operands[wrong].Name} is UInt16", message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Labels_are_classes_and_no_more_than_the_examples(string name)
    {
        using IBackend backend = TestBackends.Create(name);
        using Tensor logits = new(Shape.Vector(2, 10), backend.ElementType);
        ArgumentOutOfRangeException tooLarge = Assert.Throws<ArgumentOutOfRangeException>(() =>
            backend.SoftmaxCrossEntropy(logits, [3, 10], 1, null)
        );
        Assert.Contains("label 1 is 10", tooLarge.Message, StringComparison.Ordinal);
        Assert.Contains("0 to 9", tooLarge.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => backend.SoftmaxCrossEntropy(logits, [-1], 1, null));
        Assert.Throws<ShapeException>(() => backend.SoftmaxCrossEntropy(logits, [1, 2, 3], 1, null));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Numbers_out_of_range_are_refused(string name)
    {
        using IBackend backend = TestBackends.Create(name);
        using Tensor a = new(Shape.Vector(2, 3), backend.ElementType);
        using Tensor b = new(Shape.Vector(2, 3), backend.ElementType);
        foreach (float probability in new[] { -0.1f, 1, float.NaN })
        {
            DropoutMask mask = new(1, probability);
            Assert.Throws<ArgumentOutOfRangeException>(() => backend.DropoutApply(mask, a, b));
        }
        Activation unknown = new((ActivationKind)99);
        Assert.Throws<ArgumentOutOfRangeException>(() => backend.ActivationForward(unknown, a, b));
        Assert.Throws<ArgumentOutOfRangeException>(() => backend.ActivationForward(Activation.ScaledTanh(0), a, b));
        foreach (float constant in new[] { float.NaN, float.PositiveInfinity })
        {
            Activation logistic = Activation.Logistic(constant);
            Assert.Throws<ArgumentOutOfRangeException>(() => backend.ActivationForward(logistic, a, b));
            Activation scaledTanh = Activation.ScaledTanh(constant);
            Assert.Throws<ArgumentOutOfRangeException>(() => backend.ActivationForward(scaledTanh, a, b));
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => backend.SquaredError(a, b, 2, 0.7, 1, null));
        Assert.Throws<ShapeException>(() => backend.SquaredError(a, b, 3, 1, 1, null));
        Assert.Throws<ArgumentNullException>(() => backend.SgdUpdate(new SgdStep(0.1f, 0.9f, 0), a, null, b));
        Assert.Throws<ArgumentNullException>(() => backend.Accumulate(null!, b));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Outputs_share_no_memory_with_inputs_unless_the_operation_works_in_place(string name)
    {
        using IBackend backend = TestBackends.Create(name);
        ElementType type = backend.ElementType;
        Shape shape = Shape.Vector(1, 64);
        using Arena arena = new(2 * 64 * type.Size());
        Tensor a = arena.At(0, shape, type);
        Tensor shifted = arena.At(64, shape, type);
        ConvolutionPlan plan = backend.PlanConvolution(new(shape, 64, 1, groups: 64));
        using Tensor filters = new(plan.Geometry.FilterShape, type);

        ArgumentException same = Assert.Throws<ArgumentException>(() =>
            backend.ConvolutionForward(plan, a, filters, null, Activation.Identity, a)
        );
        Assert.StartsWith(
            "ConvolutionForward: output shares memory with input",
            same.Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentException>(() => backend.Accumulate(a, a));
        Assert.Throws<ArgumentException>(() => backend.SoftmaxBackward(a, shifted, a));
        Assert.Throws<ArgumentException>(() => backend.ActivationForward(Activation.Relu, a, shifted));
        Assert.Throws<ArgumentException>(() => backend.SgdUpdate(new SgdStep(1, 1, 0), a, shifted, a));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void In_place_gives_the_same_bits(string name)
    {
        using IBackend backend = TestBackends.Create(name);
        Shape shape = new(3, 5, 7, 11);
        DropoutMask mask = new(5, 0.3f);
        AssertInPlace(backend, shape, (x, y) => backend.DropoutApply(mask, x, y));
        AssertInPlace(backend, shape, backend.SoftmaxForward);
        foreach (Activation f in OperationCases.Activations)
        {
            AssertInPlace(backend, shape, (x, y) => backend.ActivationForward(f, x, y));
            using Tensor output = Draw(backend, shape, Fillers.OutputOf(f));
            AssertInPlace(backend, shape, (dy, dx) => backend.ActivationBackward(f, output, dy, dx));
        }
    }

    private static void AssertInPlace(IBackend backend, Shape shape, Action<Tensor, Tensor> operation)
    {
        using Tensor input = Draw(backend, shape, Fillers.Uniform);
        using Tensor output = new(shape, backend.ElementType);
        operation(input, output);
        operation(input, input);
        Comparison.SameBits<byte>(Bytes(output), Bytes(input), "in place, as bytes");
    }

    private static Tensor Draw(IBackend backend, Shape shape, Filler filler)
    {
        var values = new double[shape.Count];
        filler(new Random(3), values);
        return Tensor(shape, backend.ElementType, values);
    }

    private static string RefusalOf(string backendName, OperationCase row, int wrong, Shape shape, ElementType? type)
    {
        using IBackend backend = TestBackends.Create(backendName);
        Tensor[] tensors =
        [
            .. row.Operands.Select(
                (operand, k) =>
                    k == wrong
                        ? new Tensor(shape, type ?? operand.Type ?? backend.ElementType)
                        : new Tensor(operand.Shape, operand.Type ?? backend.ElementType)
            ),
        ];
        string message = Assert.Throws<ShapeException>(() => row.Body(backend, tensors)).Message;
        foreach (Tensor tensor in tensors)
            tensor.Dispose();
        return message;
    }

    [GeneratedRegex(@"\d+×\d+×\d+×\d+")]
    private static partial Regex FourSizes();
}
