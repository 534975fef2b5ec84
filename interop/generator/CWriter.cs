using System.Text;

namespace NativeCnn.Generator;

/// <summary>
/// Writes what the sources of a library have to repeat of its header: the table of kernels, the layouts of structs.
/// </summary>
internal static class CWriter
{
    private const int LineEnd = 120;

    /// <summary>The files for the library's own sources, by name.</summary>
    public static IEnumerable<(string Name, string Content)> Write(LibraryManifest library, CManifest c, Header header)
    {
        foreach (string name in c.NotKernels.Where(n => header.Find(n)?.Type != library.Status))
            throw new GeneratorException(
                $"{library.Header} has no {name} that returns a status: manifest.json names it."
            );
        Declaration[] kernels =
        [
            .. header.Functions.Where(f => f.Type == library.Status && !c.NotKernels.Contains(f.Name)),
        ];
        yield return (
            "tables.g.h",
            $"{Begin(library)}\n#if defined(NATIVECNN_STRUCT_TABLE)\n{Structs(header)}\n#else\n{Kernels(c, kernels)}\n#endif\n"
        );
    }

    private static string Begin(LibraryManifest library) =>
        $"/* Written from {library.Header} by interop/generator. Change the header, then run ./build.sh generate. */\n";

    private static string Kernels(CManifest c, Declaration[] kernels)
    {
        StringBuilder text = new();
        text.Append("\n/* One instruction set's kernels. */\ntypedef struct kernel_table {\n");
        text.Append("    nativecnn_instruction_set instruction_set;\n");
        foreach (Declaration kernel in kernels)
            Function(text, $"    void (*{Short(kernel)})(", kernel);
        text.Append("} kernel_table;\n\n#if defined(NATIVECNN_VARIANT)\n\n");
        foreach (Declaration kernel in kernels)
            Function(text, $"void VARIANT({Short(kernel)})(", kernel);
        text.Append("\n#define KERNELS(KERNEL) \\\n    ");
        text.AppendJoin(" \\\n    ", kernels.Select(k => $"KERNEL({Short(k)})")).Append("\n\n#endif\n");
        return text.ToString();

        string Short(Declaration kernel) => kernel.Name[c.Prefix.Length..];
    }

    private static string Structs(Header header)
    {
        StringBuilder text = new();
        foreach (Declaration declaration in header.Structs)
        {
            text.Append($"\nstatic const struct_field {declaration.Name}_fields[] = {{\n");
            foreach (Member field in declaration.Members)
                text.Append($"    FIELD({declaration.Name}, {field.Name}),\n");
            text.Append("};\n");
        }
        text.Append("\nstatic const struct_layout struct_layouts[] = {\n");
        foreach (Declaration declaration in header.Structs)
            text.Append($"    STRUCT({declaration.Name}),\n");
        return text.Append("};\n").ToString();
    }

    /// <summary>The beginning of a declaration and the parameters behind it, on as many lines as they need.</summary>
    private static void Function(StringBuilder text, string begin, Declaration function)
    {
        string line = begin;
        foreach (Member parameter in function.Members)
        {
            string type = parameter.CType.EndsWith('*') ? parameter.CType : parameter.CType + " ";
            string piece = type + parameter.Name + (parameter == function.Members[^1] ? ");" : ",");
            bool isFirst = line.EndsWith('(');
            if (line.Length + (isFirst ? 0 : 1) + piece.Length > LineEnd)
            {
                text.Append(line).Append('\n');
                line = new string(' ', begin.Length - begin.TrimStart().Length + 4) + piece;
            }
            else
            {
                line += isFirst ? piece : " " + piece;
            }
        }
        text.Append(line).Append('\n');
    }
}
