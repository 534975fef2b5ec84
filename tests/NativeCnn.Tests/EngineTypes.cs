using NativeCnn.Layers;
using NativeCnn.Verification;

namespace NativeCnn.Tests;

/// <summary>The types of the engine: what registries of tests must have a row of.</summary>
internal static class EngineTypes
{
    /// <summary>The classes of a family that can be made.</summary>
    public static IEnumerable<Type> Of<TFamily>() =>
        typeof(Layer)
            .Assembly.GetTypes()
            .Where(type => !type.IsAbstract && type.IsAssignableTo(typeof(TFamily)))
            // What a verification puts before a network, which no network has.
            .Where(type => type != typeof(InputShift));
}
