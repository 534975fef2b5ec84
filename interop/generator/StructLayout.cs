using System.Globalization;

namespace NativeCnn.Generator;

/// <summary>The layout of a struct, in one number that C and C# compare when the library is loaded.</summary>
internal static class StructLayout
{
    /// <summary>As <c>nativecnn_struct_layout</c> computes it from what the C compiler made of the struct.</summary>
    public static ulong Hash(Declaration declaration, Header header)
    {
        ulong hash = 0xCBF29CE484222325;
        int end = 0;
        int alignment = 1;
        foreach (Member field in declaration.Members)
        {
            int size = Size(field, declaration, header);
            int offset = Align(end, size);
            foreach (char letter in field.Name)
                hash = Step(hash, letter);
            hash = Step(Step(hash, (ulong)offset), (ulong)size);
            end = offset + size;
            alignment = Math.Max(alignment, size);
        }
        return Step(hash, (ulong)Align(end, alignment));
    }

    /// <summary>One step of FNV-1a.</summary>
    private static ulong Step(ulong hash, ulong value) => (hash ^ value) * 0x100000001B3;

    private static int Align(int offset, int alignment) => (offset + alignment - 1) / alignment * alignment;

    private static int Size(Member field, Declaration declaration, Header header) =>
        field.Value switch
        {
            "byte" => 1,
            "int" or "uint" or "float" => 4,
            "long" or "ulong" or "double" => 8,
            string type when header.Find(type)?.Kind == "EnumDecl" => 4,
            _ => throw new GeneratorException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{declaration.Name}.{field.Name}: a {field.Value} has no fixed size that the layout could state."
                )
            ),
        };
}
