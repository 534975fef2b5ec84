using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace NativeCnn.Generator;

/// <summary>What stops the generator; the message is for the user.</summary>
internal sealed class GeneratorException(string message) : Exception(message);

/// <summary>Runs clang and returns its syntax tree.</summary>
internal static class Clang
{
    private static readonly Lazy<string> Program = new(Find);

    /// <summary>The declarations of a C file (the children of the tree's root).</summary>
    /// <param name="path">The file, or - for <paramref name="source"/>.</param>
    /// <param name="source">C source for clang's standard input.</param>
    public static List<JsonElement> Read(string path, string source = "")
    {
        string arguments = $"-x c -Xclang -ast-dump=json -fparse-all-comments -fsyntax-only \"{path}\"";
        var (exitCode, output, errors) = Run(Program.Value, arguments, source);
        if (exitCode != 0)
            throw new GeneratorException($"{Program.Value} cannot read {path}:\n{errors.Trim()}");
        JsonDocument tree = JsonDocument.Parse(output, new JsonDocumentOptions { MaxDepth = 1024 });
        return [.. tree.RootElement.GetProperty("inner").EnumerateArray()];
    }

    private static string Find()
    {
        string? chosen = Environment.GetEnvironmentVariable("NATIVECNN_CLANG");
        IEnumerable<string> versions = Enumerable.Range(14, 12).Reverse().Select(version => $"clang-{version}");
        foreach (string name in chosen is null ? versions.Prepend("clang") : [chosen])
        {
            try
            {
                if (Run(name, "--version", "").ExitCode == 0)
                    return name;
            }
            catch (Win32Exception) { } // Not on the path; the next one may be.
        }
        throw new GeneratorException(
            $"{chosen ?? "clang"} was not found. Install clang 14 or later: apt-get install clang"
        );
    }

    private static (int ExitCode, string Output, string Errors) Run(string program, string arguments, string input)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardInput = true };
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
