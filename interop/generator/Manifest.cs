using System.Text.Json;

namespace NativeCnn.Generator;

/// <summary>A header and what is to be declared of it. Paths are relative to the root of the repository.</summary>
/// <param name="Header">The C header.</param>
/// <param name="Library">The name that the declarations give to the library.</param>
/// <param name="Class">The C# class that holds its functions.</param>
/// <param name="Wanted">Names of functions, structs and enums; a final * stands for any ending.</param>
/// <param name="Constants">The prefix of the macros that become constants; only integers do.</param>
/// <param name="SuppressGCTransition">Functions so short that the switch to native code would cost more than they
/// do.</param>
/// <param name="Status">The enum whose functions become methods that return nothing and throw instead.</param>
/// <param name="C">What is written for the library's own sources, if they are here.</param>
/// <param name="CompareWith">An installed header that, where it exists, must declare the same.</param>
/// <param name="CompareIfDeclares">A function by which that header is known to be this library's.</param>
/// <param name="HasSeveralVersions">Whether the header has declarations that one installed version need not have.</param>
internal sealed record LibraryManifest(
    string Header,
    string Library,
    string Class,
    string[] Wanted,
    string Constants,
    string[] SuppressGCTransition,
    string? Status = null,
    CManifest? C = null,
    string? CompareWith = null,
    string? CompareIfDeclares = null,
    bool HasSeveralVersions = false
)
{
    public bool Wants(string name) =>
        Wanted.Any(w => w.EndsWith('*') ? name.StartsWith(w[..^1], StringComparison.Ordinal) : name == w);
}

/// <summary>What the sources of a library get from its header.</summary>
/// <param name="Folder">Where the generated files stand.</param>
/// <param name="Prefix">What the names of kernels leave out of those of their exports.</param>
/// <param name="NotKernels">Functions that return a status and are no kernels.</param>
internal sealed record CManifest(string Folder, string Prefix, string[] NotKernels);

/// <summary>The list of activations, and what is written from it.</summary>
/// <param name="List">The list, as JSON.</param>
/// <param name="PublicHeader">The enum, for the shim's header.</param>
/// <param name="PrivateHeader">Switches and checks, for the shim's sources.</param>
/// <param name="CSharp">The enum and the table for the engine.</param>
internal sealed record ActivationManifest(string List, string PublicHeader, string PrivateHeader, string CSharp);

/// <summary>What the generator reads, and the folder that it fills.</summary>
internal sealed record Manifest(
    string Namespace,
    string Output,
    ActivationManifest Activations,
    LibraryManifest[] Libraries
)
{
    public static Manifest Read(string path) =>
        JsonSerializer.Deserialize<Manifest>(File.ReadAllBytes(path), JsonSerializerOptions.Web)!;
}
