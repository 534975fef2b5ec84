using System.CommandLine;
using NativeCnn.Backends.Native;
using NativeCnn.Cli.Diagnostics;
using NativeCnn.Cli.Output;
using NativeCnn.Networks;
using NativeCnn.Training;

namespace NativeCnn.Cli.Commands;

/// <summary><c>nativecnn profile</c>: where the time of a training step goes.</summary>
internal sealed class ProfileCommand : Command
{
    private readonly MeasuredNetworkOptions _measured = new();
    private readonly ConvolutionOptions _convolution = new();
    private readonly ThreadsOption _threads = new();
    private readonly Option<bool> _json = CommonOptions.Json();

    public ProfileCommand()
        : base(
            "profile",
            "Times every layer and pass of a training step, and compares it with what the machine can do."
        )
    {
        _measured.AddTo(this);
        _threads.AddTo(this);
        _convolution.AddTo(this, canTune: true);
        Add(_json);
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        CommandOutput output = new(arguments.GetValue(_json));
        using Network network = _measured.Create(arguments);
        using NativeBackend backend = new(_convolution.Read(arguments, _threads.Read(arguments)));
        using NetworkBenchmark benchmark = new(network, backend, _measured.Batch(arguments));
        NetworkProfile profile = benchmark.Profile(_measured.Duration(arguments));
        _convolution.PrintUse(arguments, backend);
        NativeWarnings.Print();
        ProfileTable table = new(
            network,
            _measured.Batch(arguments),
            backend.Threads,
            profile,
            Speed.FmaPeak(backend.Pool),
            Speed.Bandwidth(backend.Pool)
        );
        if (output.IsJson)
            JsonLine.Print(table.Write);
        else
            table.Print(output);
        return ExitCodes.Success;
    }
}
