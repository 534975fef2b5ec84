using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

/// <summary>
/// The specification of every gradient against central differences in float64: d/dx Σ r · f(x) for a random r, which is
/// the <c>outputGradient</c>, or for a loss, which takes none, for r = <c>scale</c>.
/// </summary>
public sealed class OperationGradientTests
{
    /// <summary>How many elements of an operand are checked; a larger one has them chosen at random.</summary>
    private const int MostElements = 48;

    /// <summary>The rows with a gradient that are small: differences take about a hundred forward passes.</summary>
    internal static IEnumerable<OperationCase> Rows =>
        OperationCases.All.Where(row =>
            row.DerivativeOf is { Operation: { MultiplyAdds: < 200_000 } forward }
            && forward.Operands.Sum(operand => operand.Shape.Count) < 8_000
        );

    public static TheoryData<string> Names => [.. Rows.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_gradient_is_the_derivative_of_its_forward_pass(string rowName)
    {
        OperationCase row = OperationCases.Find(rowName);
        OperationCase forward = row.DerivativeOf!;
        using ManagedBackend backend = new(ElementType.Float64);
        var random = new Random(2);
        Dictionary<string, double[]> values = forward
            .Operation.Operands.Where(operand => operand is { IsWanted: true, Role: OperandRole.Read })
            .ToDictionary(operand => operand.Name, operand => forward[operand.Name].Draw(random, operand.Shape.Count));
        Dictionary<string, double[]> Run(OperationCase step)
        {
            Operand[] wanted = [.. step.Operation.Operands.Where(operand => operand.IsWanted)];
            IEnumerable<double[]> given =
                from operand in wanted
                where operand.Role != OperandRole.Overwritten
                select operand.Role == OperandRole.Read ? values[operand.Name] : new double[operand.Shape.Count];
            double[][] written = backend.Compute(step.Operation, [.. given], step.Scalars);
            return wanted
                .Where(operand => operand.Role != OperandRole.Read)
                .Zip(written)
                .ToDictionary(pair => pair.First.Name, pair => pair.Second);
        }

        // What a forward pass overwrites first is its result.
        string result = forward.Operation.Operands.First(operand => operand.Role == OperandRole.Overwritten).Name;
        Dictionary<string, double[]> results = Run(forward);
        double[] r = Fillers.Uniform.Draw(random, results[result].Length);
        int scale = row.Operation.Scalars.ToList().IndexOf("scale");
        if (scale >= 0 || result == "sum")
            Array.Fill(r, scale >= 0 ? row.Scalars[scale] : 1);
        else
            values["outputGradient"] = r;
        foreach (string output in results.Keys.Except(values.Keys))
            values[output] = results[output];
        if (row.Behind is not null)
            values["outputGradient"] = Run(new OperationCase(row.Behind, ""))["inputGradient"];

        int compared = 0;
        foreach ((string name, double[] gradient) in Run(row))
        {
            if (VariableOf(name, forward.Operation) is not { } variable)
                continue;
            double[] x = values[variable];
            int[] places = [.. Enumerable.Range(0, x.Length)];
            random.Shuffle(places);
            foreach (int place in places.Take(MostElements))
            {
                double value = x[place];
                x[place] = value + Tolerance.DifferenceStep;
                double[] above = Run(forward)[result];
                x[place] = value - Tolerance.DifferenceStep;
                double[] below = Run(forward)[result];
                x[place] = value;
                // What does not depend on x cancels before anything is rounded.
                double difference = r.Select((weight, k) => weight * (above[k] - below[k])).Sum();
                double expected = difference / (2 * Tolerance.DifferenceStep);
                Comparison.Close(expected, gradient[place], Tolerance.OfDifferences, $"{name}[{place}]");
                compared++;
            }
        }
        Assert.NotEqual(0, compared);
    }

    // inputGradient, filterGradient and gradient are those of input, filters and values.
    private static string? VariableOf(string gradient, Operation forward)
    {
        string name = gradient == "gradient" ? "values" : gradient.Replace("Gradient", "", StringComparison.Ordinal);
        return forward
            .Operands.Where(operand => operand.Role == OperandRole.Read)
            .Select(operand => operand.Name)
            .FirstOrDefault(operand => operand == name || operand == name + "s");
    }
}
