using System.CommandLine;
using System.Globalization;
using NativeCnn.Backends.Managed;
using NativeCnn.Cli.Output;
using NativeCnn.Data;
using NativeCnn.Formats;
using NativeCnn.Models;
using NativeCnn.Networks;
using NativeCnn.Tensors;
using NativeCnn.Training;
using NativeCnn.Verification;

namespace NativeCnn.Cli.Commands;

/// <summary><c>nativecnn compare</c>: trains one network on several backends and says where they part.</summary>
internal sealed class CompareCommand : Command
{
    private readonly Option<string> _model = new("--model")
    {
        Description = "A network of the catalogue; an unknown name prints the known ones.",
        HelpName = "NAME",
    };
    private readonly Option<string> _network = CommonOptions.Network();
    private readonly Option<string> _weights = CommonOptions.Weights();
    private readonly Option<string> _backends = ComparedBackends.Option();
    private readonly Option<string> _data = new("--data")
    {
        Description =
            "The examples: digits, digits:COUNT, mnist:DIR, cifar:DIR, folder:DIR, npy:PATH or xor "
            + "[default: random ones of the network's size]",
        HelpName = "SPEC",
    };
    private readonly Option<int> _steps = CommonOptions.Number<int>(
        "--steps",
        "N",
        "Training steps that are compared.",
        3,
        new(1, 1_000_000)
    );
    private readonly Option<int> _batch = CommonOptions.Batch(8, "Examples per step.");
    private readonly Option<double> _tolerance = CommonOptions.Number<double>(
        "--tolerance",
        "UNITS",
        "Units of rounding by which a tensor of one operation may differ (docs/testing.md defines one).",
        GoldenFile.AllowedUnits,
        new(0, 1e9)
    );
    private readonly Option<double> _lossTolerance = CommonOptions.Number<double>(
        "--loss-tolerance",
        "SHARE",
        "By what share of the reference's loss that of another backend may differ.",
        1e-4,
        new(0, 1)
    );
    private readonly Option<ulong> _seed = CommonOptions.Number<ulong>(
        "--seed",
        "S",
        "Decides initial weights, random examples, order and dropout.",
        1UL,
        new(0, ulong.MaxValue)
    );
    private readonly ThreadsOption _threads = new();
    private readonly ConvolutionOptions _convolution = new();
    private readonly Option<bool> _json = CommonOptions.Json();

    public CompareCommand()
        : base(
            "compare",
            "Trains one network on several backends: the worst difference of every operation, given the same values, in "
                + "units of rounding, the losses side by side, and where they first part. Exits with 1 if they do."
        )
    {
        this.AddAll(_model, _network, _weights, _backends, _data, _steps, _batch, _tolerance, _lossTolerance, _seed);
        _threads.AddTo(this);
        _convolution.AddTo(this, canTune: false);
        Add(_json);
        Validators.Add(result =>
        {
            Option[] given =
            [
                .. new Option[] { _model, _network, _weights }.Where(o => result.GetResult(o) is not null),
            ];
            if (given.Length > 1)
                result.AddError($"Give either {given[0].Name} or {given[1].Name}.");
            // The word as typed, or the default.
            string names = result.GetResult(_backends)?.Tokens is [var token] ? token.Value : CommonOptions.Native;
            if (_convolution.IsOneDnn(result) && names.Split(',').Contains(CommonOptions.Native))
                result.AddError(
                    $"--algorithm {CommonOptions.OneDnn} goes with {CommonOptions.Auto} among --backends, and not with "
                        + "native, which has no such algorithm."
                );
        });
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        CommandOutput output = new(arguments.GetValue(_json));
        ulong seed = arguments.GetValue(_seed);
        string? file = arguments.GetValue(_network);
        string? weights = arguments.GetValue(_weights);
        // Not a check of the command: it would come before what is wrong with an option.
        CatalogModel? model =
            arguments.GetValue(_model) is { } name ? Catalogue.Find(name)
            : file is not null || weights is not null ? null
            : throw CommandException.Usage(
                "Give a network by --model, --network or --weights. See nativecnn compare --help."
            );
        using Network? read =
            weights is not null ? TrainedFiles.Load(weights)
            : file is not null ? NetworkFile.Load(file, seed)
            : null;
        ExampleTransform transform =
            model?.Examples ?? (weights is null ? ExampleTransform.None : TrainedFiles.KeptTransform(weights));
        IDataset? data = OpenData(arguments, read, file ?? weights, transform);
        (Shape example, int classes) = data is null
            ? (model?.Example ?? default, model?.Classes ?? 0)
            : (data.ExampleShape, data.ClassNames.Count);
        using Network network = read ?? model!.Create(example, classes, seed);
        using ComparedBackends backends = new(
            arguments.GetRequiredValue(_backends),
            _convolution.Read(arguments, _threads.Read(arguments))
        );
        TrainerOptions own = model?.Training ?? CatalogModel.DefaultTraining();
        ComparisonOptions options = new()
        {
            Steps = arguments.GetValue(_steps),
            AllowedUnits = arguments.GetValue(_tolerance),
            AllowedLossShare = arguments.GetValue(_lossTolerance),
            Training = new TrainerOptions
            {
                BatchSize = arguments.GetValue(_batch),
                Seed = seed,
                Optimizer = own.Optimizer,
                Loss = own.Loss,
                Penalties = own.Penalties,
                Clipping = own.Clipping,
            },
        };
        ComparisonResult result = BackendComparison.Run(
            network,
            backends.All,
            data,
            options,
            WarnIfSlow(network, backends, options) ? new Steps() : null
        );
        ComparisonTable table = new(network, data?.Name ?? "random examples", options, result);
        if (output.IsJson)
            JsonLine.Print(table.Write);
        else
            table.Print(output);
        return result.Passed ? ExitCodes.Success : ExitCodes.Failure;
    }

    private IDataset? OpenData(ParseResult arguments, Network? read, string? file, ExampleTransform transform)
    {
        if (arguments.GetValue(_data) is not { } specification)
            return null;
        IDataset data = transform.ApplyTo(Examples.Open(specification, 0)).Train;
        if (read is not null)
            NetworkSource.CheckFits(file!, read, specification, data);
        return data;
    }

    // Said before minutes of silence; each step is then told of.
    private static bool WarnIfSlow(Network network, ComparedBackends backends, ComparisonOptions options)
    {
        // A step has three passes, and the reference takes it twice or more: once to measure the unit of rounding.
        const double PassesPerStep = 9;
        const double MultiplyAddsPerSecond = 3e8;
        const double Patience = 30;
        if (!backends.All.Any(backend => backend is ManagedBackend))
            return false;
        double each = network.Summarize(1).MultiplyAdds;
        double seconds = PassesPerStep * each * options.Training.BatchSize * options.Steps / MultiplyAddsPerSecond;
        if (seconds < Patience)
            return false;
        Notice.Write(
            string.Create(
                CultureInfo.InvariantCulture,
                $"managed computes by plain loops, and {network.Name} has {each / 1e9:0.00} billion multiply-adds per example and pass: this takes {Math.Ceiling(seconds / 60):0} minutes or so. A smaller --batch or fewer --steps take less."
            )
        );
        return true;
    }

    /// <summary>A line on standard error for each step.</summary>
    private sealed class Steps : IProgress<ComparisonProgress>
    {
        public void Report(ComparisonProgress value) =>
            Notice.Write($"step {value.Step} of {value.Steps} on {value.Backend} is done.");
    }
}
