using System.CommandLine;
using System.CommandLine.Parsing;
using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Cli.Commands;
using NativeCnn.OneDnn;

namespace NativeCnn.Cli;

/// <summary>The backends that <c>--backends</c> names, the reference first.</summary>
internal sealed class ComparedBackends : IDisposable
{
    private static readonly string[] s_known = [CommonOptions.Managed, CommonOptions.Native, CommonOptions.OneDnn];

    private readonly List<Backend> _backends = [];

    /// <exception cref="Interop.NativeLibraryException">A library is missing; the message has the remedy.</exception>
    public ComparedBackends(string names, NativeBackendOptions options)
    {
        try
        {
            foreach (string name in names.Split(','))
                _backends.Add(Create(name, options));
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
                "Two or more of managed, native and onednn with commas between them; the first is the reference.",
            HelpName = "NAME,NAME,…",
            DefaultValueFactory = _ => $"{CommonOptions.Managed},{CommonOptions.Native}",
            CustomParser = Parse,
        };

    public void Dispose() => _backends.ForEach(backend => backend.Dispose());

    private static string Parse(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        string[] names = text.Split(',');
        if (Array.Find(names, name => !s_known.Contains(name)) is { } unknown)
            result.AddError(
                $"--backends {text}: there is no backend '{unknown}'; use {string.Join(", ", s_known)} with commas between them."
            );
        else if (names.Length < 2)
            result.AddError(
                $"--backends {text} leaves nothing to compare: name two or more, such as managed,native,onednn."
            );
        else if (names.Distinct().Count() < names.Length)
            result.AddError($"--backends {text} names one backend twice.");
        return text;
    }

    private static Backend Create(string name, NativeBackendOptions options) =>
        name switch
        {
            CommonOptions.Managed => new ManagedBackend(),
            CommonOptions.OneDnn => new OneDnnBackend(
                new NativeBackendOptions { Threads = options.Threads, Exact = options.Exact }
            ),
            _ => new NativeBackend(options),
        };
}
