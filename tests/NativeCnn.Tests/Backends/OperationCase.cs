using System.Reflection;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using Xunit.Sdk;

namespace NativeCnn.Tests.Backends;

/// <summary>
/// A row of the registry: an operation, the numbers of a run, and what fills its operands where uniform −1 to 1 will
/// not do. All else is in the declaration.
/// </summary>
/// <param name="operation">The operation.</param>
/// <param name="details">What tells the row from the operation's others.</param>
/// <param name="scalars">As declared.</param>
public sealed class OperationCase(Operation operation, string details, params double[] scalars)
{
    private readonly Dictionary<string, Filler> _fillers = [];

    /// <summary>Unique.</summary>
    public string Name => $"{operation.Name} {details}";

    public Operation Operation => operation;

    public double[] Scalars => scalars;

    /// <summary>
    /// Of a row with a gradient: the row that computes what it is the gradient of, its read operands filled away from
    /// kinks. The operands of the two are matched by name; <see cref="OperationGradientTests"/> compares with
    /// differences.
    /// </summary>
    public OperationCase? DerivativeOf { get; init; }

    /// <summary>
    /// The operation that goes before this one on the way back from <see cref="DerivativeOf"/>; none by default.
    /// </summary>
    public Operation? Behind { get; init; }

    /// <summary>What fills an operand.</summary>
    public Filler this[string operand]
    {
        get => _fillers.GetValueOrDefault(operand, Fillers.Uniform);
        set
        {
            Assert.Contains(operand, operation.Operands.Select(declared => declared.Name));
            _fillers[operand] = value;
        }
    }
}

/// <summary>
/// A class that has rows: every theory finds them there. By convention it is the operation's test class, so that a new
/// operation's tests are one file.
/// </summary>
public interface IOperationRows
{
    /// <summary>Rows of one operation or of a few related ones, over a sweep of geometries.</summary>
    static abstract IEnumerable<OperationCase> Rows { get; }
}

/// <summary>The registry: the rows of every <see cref="IOperationRows"/> of this assembly.</summary>
public static class OperationCases
{
    private static readonly Dictionary<string, OperationCase> Rows = Discover().ToDictionary(row => row.Name);

    /// <summary>Fewer elements than a vector, a rest, and enough for several threads.</summary>
    public static Shape[] PointWiseShapes => [new(1, 1, 1, 1), new(3, 5, 7, 3), new(4, 24, 24, 20)];

    public static IEnumerable<OperationCase> All => Rows.Values;

    /// <summary>The row of a name.</summary>
    public static OperationCase Find(string name) => Rows[name];

    private static IEnumerable<OperationCase> Discover()
    {
        MethodInfo rowsOf = typeof(OperationCases).GetMethod(
            nameof(RowsOf),
            BindingFlags.Static | BindingFlags.NonPublic
        )!;
        return typeof(OperationCases)
            .Assembly.GetTypes()
            .Where(type => type.IsClass && type.IsAssignableTo(typeof(IOperationRows)))
            .SelectMany(type => (IEnumerable<OperationCase>)rowsOf.MakeGenericMethod(type).Invoke(null, null)!);
    }

    private static IEnumerable<OperationCase> RowsOf<T>()
        where T : IOperationRows => T.Rows;
}

/// <summary>Gives a theory the names of all rows.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EveryRowAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        OperationCases.All.Select(row => new object[] { row.Name });
}
