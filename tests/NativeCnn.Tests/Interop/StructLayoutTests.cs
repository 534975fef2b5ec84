using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using NativeCnn.Backends.Operations;
using NativeCnn.Interop;

namespace NativeCnn.Tests.Interop;

/// <summary>
/// The engine hands its own structs to the shim as they lie in memory: each field must lie where the generated struct
/// has the field of that name. Equal sizes alone would let two fields change places.
/// </summary>
public sealed partial class StructLayoutTests
{
    [Fact]
    public void Convolution_geometry() => SameLayout<ConvolutionGeometry, nativecnn_convolution_geometry>();

    [Fact]
    public void Pooling_geometry() => SameLayout<PoolingGeometry, nativecnn_pooling_geometry>();

    [Fact]
    public void Activations() => SameLayout<Activation, nativecnn_activation>();

    [Fact]
    public void Every_struct_of_the_header_is_compared_with_the_shims_when_it_is_loaded()
    {
        IEnumerable<string> declared = typeof(Shim)
            .Assembly.GetTypes()
            .Where(t =>
                t is { IsValueType: true, IsEnum: false } && t.Name.StartsWith("nativecnn_", StringComparison.Ordinal)
            )
            // The optional library of pictures is loaded by itself.
            .Where(t => t != typeof(nativecnn_pictures_info))
            .Select(t => t.Name);
        Assert.Equal(declared.Order(), ShimStructs.Layouts.Select(s => s.Name).Order());
    }

    [Fact]
    public void Both_sides_have_the_layouts_that_the_generator_says()
    {
        foreach ((int place, (string name, ulong layout)) in ShimStructs.Layouts.Index())
        {
            Assert.Equal(layout, Shim.nativecnn_struct_layout(place));
            Assert.Equal(layout, Layout(typeof(Shim).Assembly.GetType($"NativeCnn.Interop.{name}")!));
        }
        Assert.Equal(0ul, Shim.nativecnn_struct_layout(ShimStructs.Layouts.Length));
    }

    // The hash that the header describes, of a struct as the runtime lays it out.
    private static ulong Layout(Type type)
    {
        IEnumerable<ulong> values = type.GetFields()
            .OrderBy(f => f.MetadataToken)
            .SelectMany(f =>
                f.Name.Select(letter => (ulong)letter)
                    .Append((ulong)Marshal.OffsetOf(type, f.Name))
                    .Append((ulong)Marshal.SizeOf(f.FieldType))
            )
            .Append((ulong)Marshal.SizeOf(type));
        return values.Aggregate(0xCBF29CE484222325, (hash, value) => (hash ^ value) * 0x100000001B3);
    }

    // Sets one field of the generated struct after the other and reads it back through the engine's, all others being
    // 0.
    internal static void SameLayout<TEngine, TGenerated>()
        where TEngine : unmanaged
        where TGenerated : unmanaged
    {
        Assert.Equal(Unsafe.SizeOf<TGenerated>(), Unsafe.SizeOf<TEngine>());
        const BindingFlags AllFields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        FieldInfo[] engineFields = typeof(TEngine).GetFields(AllFields);
        FieldInfo[] generatedFields = typeof(TGenerated).GetFields(AllFields);
        Assert.Equal(
            generatedFields.Select(field => field.Name).Order(StringComparer.Ordinal),
            engineFields.Select(NameInC).Order(StringComparer.Ordinal)
        );
        foreach (FieldInfo field in generatedFields)
        {
            object boxed = default(TGenerated);
            field.SetValue(boxed, Convert.ChangeType(1, field.FieldType, null));
            var generated = (TGenerated)boxed;
            TEngine engine = Unsafe.As<TGenerated, TEngine>(ref generated);
            foreach (FieldInfo own in engineFields)
            {
                double found = Convert.ToDouble(own.GetValue(engine), null);
                Assert.True(
                    found == (NameInC(own) == field.Name ? 1 : 0),
                    $"{own.Name} is {found} where {field.Name} alone is 1"
                );
            }
        }
    }

    // KernelHeight and <Size>k__BackingField are kernel_height and size in C.
    private static string NameInC(FieldInfo field)
    {
        string name = field.Name.Trim('<').Split('>')[0].TrimStart('_');
        return CapitalInside().Replace(name, "_$0").ToLowerInvariant();
    }

    [GeneratedRegex("(?<!^)[A-Z]")]
    private static partial Regex CapitalInside();
}
