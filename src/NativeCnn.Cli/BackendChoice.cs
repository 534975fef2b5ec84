using System.CommandLine;
using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Cli.Commands;
using NativeCnn.Cli.Output;
using NativeCnn.OneDnn;

namespace NativeCnn.Cli;

/// <summary>
/// The backend that the options of a command name: <c>--backend</c>, <c>--threads</c> and how convolutions are
/// computed.
/// </summary>
internal sealed class BackendChoice
{
    private readonly Option<string> _backend = CommonOptions.Backend();
    private readonly ThreadsOption _threads = new();
    private readonly ConvolutionOptions _convolution = new();

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command, bool canTune)
    {
        command.Add(_backend);
        _threads.AddTo(command);
        _convolution.AddTo(command, canTune);
        command.Validators.Add(result =>
        {
            string? chosen = result.GetResult(_backend)?.Tokens is [var token] ? token.Value : null;
            if (
                chosen is CommonOptions.Managed or CommonOptions.OneDnn
                && _convolution.FirstNativeOnly(result) is { } option
            )
                result.AddError($"{option} is for the native backend: {chosen} has one algorithm.");
            else if (chosen != CommonOptions.Auto && _convolution.IsOneDnn(result))
                result.AddError(
                    $"--algorithm {CommonOptions.OneDnn} goes with --backend {CommonOptions.Auto}: the native backend "
                        + "has no such algorithm."
                );
        });
    }

    /// <summary>Makes the backend.</summary>
    /// <param name="arguments">What the user typed.</param>
    /// <param name="weights">
    /// The model file whose measured choices are used where they fit this machine, or null.
    /// </param>
    public Backend Create(ParseResult arguments, string? weights = null)
    {
        string name = arguments.GetRequiredValue(_backend);
        bool canTune = name is CommonOptions.Native or CommonOptions.Auto;
        return Create(name, NativeOptions(arguments, canTune ? weights : null));
    }

    /// <summary>Makes the backend of a name; managed has no options, and onednn one algorithm.</summary>
    public static Backend Create(string name, NativeBackendOptions options) =>
        name switch
        {
            CommonOptions.Managed => new ManagedBackend(),
            CommonOptions.OneDnn => new OneDnnBackend(
                new NativeBackendOptions { Threads = options.Threads, Exact = options.Exact }
            ),
            CommonOptions.Auto => CreateAuto(options),
            _ => new NativeBackend(options),
        };

    /// <summary>The native backend that a backend is or plans convolutions with, or null.</summary>
    public static NativeBackend? NativeOf(Backend backend) =>
        backend switch
        {
            NativeBackend native => native,
            AutoBackend auto => auto.Native,
            _ => null,
        };

    /// <summary>Says in one line where measured choices that were used came from, if any were.</summary>
    public void PrintTuning(ParseResult arguments, Backend backend) => _convolution.PrintUse(arguments, backend);

    private static AutoBackend CreateAuto(NativeBackendOptions options)
    {
        AutoBackend backend = new(options);
        if (backend.OneDnnMissing is { } missing)
            Notice.Write($"all is computed by the native backend, as oneDNN is not in use: {missing}");
        return backend;
    }

    private NativeBackendOptions NativeOptions(ParseResult arguments, string? weights) =>
        _convolution.Read(
            arguments,
            _threads.Read(arguments),
            weights is null ? null : TrainedFiles.KeptTuning(weights)
        );
}
