using System.CommandLine;
using System.CommandLine.Parsing;
using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Cli.Commands;

namespace NativeCnn.Cli;

/// <summary>The backends that <c>--backends</c> names, the reference first.</summary>
internal sealed class ComparedBackends : IDisposable
{
    private static readonly string[] Known =
    [
        CommonOptions.Managed,
        CommonOptions.Native,
        CommonOptions.OneDnn,
        CommonOptions.Auto,
    ];

    private readonly List<Backend> _backends = [];

    /// <exception cref="Interop.NativeLibraryException">A library is missing; the message has the remedy.</exception>
    public ComparedBackends(string names, NativeBackendOptions options)
    {
        try
        {
            foreach (string name in names.Split(','))
                _backends.Add(BackendChoice.Create(name, options));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>In the order of the names.</summary>
    public IReadOnlyList<Backend> All => _backends;

    /// <summary>The option.</summary>
    public static Option<string> Option() =>
        new("--backends")
        {
            Description =
                "Two or more of managed, native, onednn and auto with commas between them; the first is the reference.",
            HelpName = "NAME,NAME,…",
            DefaultValueFactory = _ => $"{CommonOptions.Managed},{CommonOptions.Native}",
            CustomParser = Parse,
        };

    public void Dispose() => _backends.ForEach(backend => backend.Dispose());

    private static string Parse(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        string[] names = text.Split(',');
        if (Array.Find(names, name => !Known.Contains(name)) is { } unknown)
            result.AddError(
                $"--backends {text}: there is no backend '{unknown}'; use {string.Join(", ", Known)} with commas between them."
            );
        else if (names.Length < 2)
            result.AddError(
                $"--backends {text} leaves nothing to compare: name two or more, such as managed,native,onednn."
            );
        else if (names.Distinct().Count() < names.Length)
            result.AddError($"--backends {text} names one backend twice.");
        return text;
    }
}
