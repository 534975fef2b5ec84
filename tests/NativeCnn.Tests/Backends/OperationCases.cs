using NativeCnn.Backends;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

/// <summary>
/// The registry: every operation of <see cref="IBackend"/>, forward and backward, over a sweep of geometries. A row added
/// here is checked by every theory of <see cref="OperationContractTests{TFixture}"/>.
/// </summary>
public static partial class OperationCases
{
    /// <summary>Every kind of activation.</summary>
    public static IReadOnlyList<Activation> Activations { get; } =
    [Activation.Identity, Activation.Relu, Activation.Tanh, Activation.ScaledTanh(), Activation.Logistic(1.5f)];

    // Lazily, because the rows use the geometries of the other parts of this class, whatever the order of the files.
    private static readonly Lazy<Dictionary<string, OperationCase>> Rows = new(() =>
    {
        IEnumerable<OperationCase> rows =
        [
            .. Convolutions(),
            .. Biases(),
            .. Denses(),
            .. Poolings(),
            .. LocalResponseNorms(),
            .. PointWise(),
            .. Losses(),
            .. Updates(),
        ];
        return rows.ToDictionary(row => row.Name);
    });

    /// <summary>The names of all rows, for theories.</summary>
    public static TheoryData<string> Names => [.. Rows.Value.Keys];

    /// <summary>One row of each operation.</summary>
    public static IEnumerable<OperationCase> FirstOfEachOperation => Rows.Value.Values.DistinctBy(row => row.Operation);

    /// <summary>The row of a name.</summary>
    public static OperationCase Find(string name) => Rows.Value[name];

    private static Operand Input(string name, Shape shape, Filler? values = null, ElementType? type = null) =>
        new(name, Role.Input, shape, values ?? Fillers.Uniform, type);

    private static Operand Overwritten(string name, Shape shape, ElementType? type = null) =>
        new(name, Role.Overwritten, shape, Fillers.Uniform, type);

    private static Operand Accumulated(string name, Shape shape) => new(name, Role.Accumulated, shape, Fillers.Uniform);

    private static Operand Updated(string name, Shape shape) => new(name, Role.Updated, shape, Fillers.Uniform);

    /// <summary>The body of an operation that returns nothing.</summary>
    private static OperationBody Body(Action<IBackend, IReadOnlyList<Tensor>> call) =>
        (backend, tensors) =>
        {
            call(backend, tensors);
            return null;
        };

    private static string NameOf(in Activation activation) => activation.Kind.ToString();
}
