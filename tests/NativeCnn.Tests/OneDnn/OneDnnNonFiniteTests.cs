using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Operations;
using NativeCnn.Tests.Backends;

namespace NativeCnn.Tests.OneDnn;

/// <summary>
/// What becomes of NaN and infinity in the operations that oneDNN computes: as on the managed backend, at every element.
/// </summary>
public sealed class OneDnnNonFiniteTests(OneDnnBackendTests.Fixture shared) : IClassFixture<OneDnnBackendTests.Fixture>
{
    private static readonly double[] s_values = [double.NaN, double.PositiveInfinity, double.NegativeInfinity];

    // Convolutions are sums of products in any order: what infinities of both signs become is not one thing.
    public static TheoryData<string> Operations =>
        [
            .. OneDnnBackendTests
                .Computed.Where(type => !type.IsAssignableTo(typeof(ConvolutionOperation)))
                .Select(type => type.Name),
        ];

    [OneDnnTheory]
    [MemberData(nameof(Operations))]
    public void NaN_and_infinity_become_what_is_specified(string operation)
    {
        foreach (OperationCase row in OperationCases.All.Where(row => row.Operation.Name == operation))
        {
            if (shared.Backend.Plan(row.Operation)!.Algorithm.StartsWith("onednn ", StringComparison.Ordinal))
                Compare(row);
        }
    }

    private void Compare(OperationCase row)
    {
        using ManagedBackend specification = new();
        Operand[] read =
        [
            .. row.Operation.Operands.Where(operand => operand.IsWanted && operand.Role != OperandRole.Overwritten),
        ];
        for (int k = 0; k < read.Length; k++)
        {
            // Places of maxima are no numbers.
            if (read[k].Type is not null)
                continue;
            int count = read[k].Shape.Count;
            foreach (int place in new[] { 0, count / 2, count - 1 }.Distinct())
            foreach (double value in s_values)
            {
                var random = new Random(1);
                double[][] given = Array.ConvertAll(read, o => row[o.Name].Draw(random, o.Shape.Count));
                given[k][place] = value;
                double[] expected = specification.Compute(row.Operation, given, row.Scalars)[0];
                double[] found = shared.Backend.Compute(row.Operation, given, row.Scalars)[0];
                for (int i = 0; i < expected.Length; i++)
                    Assert.True(
                        ClassOf(expected[i]) == ClassOf(found[i]),
                        $"{row.Name}, {value} at {place} of {read[k].Name}: element {i} is {found[i]}, not {expected[i]}."
                    );
            }
        }
    }

    private static double ClassOf(double value) =>
        double.IsNaN(value) ? 2
        : double.IsInfinity(value) ? Math.Sign(value)
        : 0;
}
