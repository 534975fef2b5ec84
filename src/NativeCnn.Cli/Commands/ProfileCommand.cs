using System.CommandLine;
using NativeCnn.Backends;
using NativeCnn.Cli.Diagnostics;
using NativeCnn.Cli.Output;
using NativeCnn.Networks;
using NativeCnn.Threading;
using NativeCnn.Training;

namespace NativeCnn.Cli.Commands;

/// <summary><c>nativecnn profile</c>: where the time of a training step goes.</summary>
internal sealed class ProfileCommand : Command
{
    private readonly MeasuredNetworkOptions _measured = new();
    private readonly BackendChoice _backend = new();
    private readonly Option<bool> _json = CommonOptions.Json();

    public ProfileCommand()
        : base(
            "profile",
            "Times every layer and pass of a training step, and compares it with what the machine can do."
        )
    {
        _measured.AddTo(this);
        _backend.AddTo(this, canTune: true);
        Add(_json);
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        CommandOutput output = new(arguments.GetValue(_json));
        using Network network = _measured.Create(arguments);
        using Backend backend = _backend.Create(arguments);
        using NetworkBenchmark benchmark = new(network, backend, _measured.Batch(arguments));
        NetworkProfile profile = benchmark.Profile(_measured.Duration(arguments));
        _backend.PrintTuning(arguments, backend);
        NativeWarnings.Print();
        // The managed backend has no threads of its own; what the machine can do is measured all the same.
        using WorkerPool? own = backend.Pool is null ? new WorkerPool(backend.Threads) : null;
        WorkerPool pool = backend.Pool ?? own!;
        ProfileTable table = new(
            network,
            _measured.Batch(arguments),
            backend,
            profile,
            Speed.FmaPeak(pool),
            Speed.Bandwidth(pool)
        );
        if (output.IsJson)
            JsonLine.Print(table.Write);
        else
            table.Print(output);
        return ExitCodes.Success;
    }
}
