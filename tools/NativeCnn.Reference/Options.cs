using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using NativeCnn.Backends;
using NativeCnn.Backends.Operations;
using NativeCnn.Initializers;
using NativeCnn.Schedules;

namespace NativeCnn.Reference;

/// <summary>What can be set of a class.</summary>
/// <param name="Name">What C# calls it.</param>
/// <param name="Default">What it is unless it is set; "required" where it has to be.</param>
/// <param name="Meaning">What its documentation says.</param>
internal sealed record Option(string Name, string Default, string Meaning)
{
    /// <summary>The constructor's parameters, then the properties that can be set, with what an instance has.</summary>
    public static IReadOnlyList<Option> Of(Type type)
    {
        ConstructorInfo constructor = Constructor(type);
        object plain = constructor.Invoke([.. constructor.GetParameters().Select(Argument)]);
        IEnumerable<Option> arguments = constructor
            .GetParameters()
            .Select(parameter => new Option(
                parameter.Name!,
                parameter.HasDefaultValue ? Show(parameter.DefaultValue) : "required",
                XmlDocumentation.Parameter(constructor, parameter.Name!)
            ));
        IEnumerable<Option> properties =
            from property in type.GetProperties()
            where property.SetMethod is { IsPublic: true }
            select new Option(property.Name, Show(property.GetValue(plain)), XmlDocumentation.Summary(property));
        return [.. arguments, .. properties];
    }

    /// <summary>A value as a reader takes it, not as C# has it.</summary>
    public static string Show(object? value) =>
        value switch
        {
            null => "none",
            bool flag => flag ? "true" : "false",
            Padding padding when padding == Padding.Valid => "0 on all sides",
            Initializer initializer => NameOf(initializer),
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString()!,
        };

    private static ConstructorInfo Constructor(Type type) =>
        type.GetConstructors().OrderBy(constructor => constructor.GetParameters().Length).Last();

    // What every class takes, so that the rest of it can be looked at.
    private static object? Argument(ParameterInfo parameter) =>
        parameter.HasDefaultValue ? parameter.DefaultValue
        : parameter.ParameterType == typeof(int) ? 1
        : parameter.ParameterType == typeof(float) ? 1f
        : parameter.ParameterType == typeof(double) ? 0.5
        : parameter.ParameterType == typeof(Size2) ? (Size2)1
        : parameter.ParameterType == typeof(Activation) ? Activation.Relu
        : parameter.ParameterType == typeof(IReadOnlyList<Milestone>) ? (Milestone[])[new Milestone(1, 1)]
        : RuntimeHelpers.GetUninitializedObject(parameter.ParameterType);

    private static string NameOf(Initializer initializer) =>
        typeof(Initializer)
            .GetProperties(BindingFlags.Public | BindingFlags.Static)
            .FirstOrDefault(property => initializer.Equals(property.GetValue(null)))
            ?.Name
        ?? "a constant";
}
