using System.CommandLine;
using System.CommandLine.Parsing;
using NativeCnn.Backends.Operations;
using NativeCnn.Data;
using NativeCnn.Losses;
using NativeCnn.Optimizers;
using NativeCnn.Schedules;
using NativeCnn.Training;
using SoftmaxCrossEntropy = NativeCnn.Losses.SoftmaxCrossEntropy;
using WeightPenalty = NativeCnn.Losses.WeightPenalty;

namespace NativeCnn.Cli.Commands;

/// <summary>The options that say what training minimises and how.</summary>
internal sealed class LearningOptions
{
    private const string Softmax = "softmax";

    private readonly Option<string> _optimizer = CommonOptions.OneOf(
        "--optimizer",
        "What changes the weights.",
        "sgd",
        "nesterov",
        "adam",
        "adamw",
        "rmsprop",
        "adagrad"
    );
    private readonly Option<float> _rate = CommonOptions.Number<float>(
        "--lr",
        "RATE",
        "The learning rate; of adam and adamw 0.001 where it is not given.",
        0.01f,
        new(0, 1000, AboveMinimum: true)
    );
    private readonly Option<float> _momentum = CommonOptions.Number<float>(
        "--momentum",
        "M",
        "The momentum of sgd and nesterov; of rmsprop 0 where it is not given.",
        0.9f,
        new(0, 1, BelowMaximum: true)
    );
    private readonly Option<float> _decay = CommonOptions.Number<float>(
        "--weight-decay",
        "L",
        "L2 weight decay.",
        5e-4f,
        new(0, 1)
    );
    private readonly Option<string> _schedule = new("--schedule")
    {
        Description =
            "What the learning rate is multiplied by: constant, step:EPOCHS[:FACTOR], exponential:FACTOR, "
            + "cosine[:FINAL], one-cycle or plateau[:EPOCHS[:FACTOR]].",
        HelpName = "SPEC",
        DefaultValueFactory = _ => "constant",
    };
    private readonly Option<int> _warmUp = CommonOptions.Number<int>(
        "--warm-up",
        "N",
        "Steps in which the learning rate rises, before any schedule; 0 for none.",
        0,
        new(0, 1_000_000_000)
    );
    private readonly Option<string> _loss = CommonOptions.OneOf(
        "--loss",
        "What is minimised; all but softmax compare each output with 1 for the label and 0 for the others, or by a margin.",
        Softmax,
        "logistic",
        "squared",
        "huber",
        "hinge"
    );
    private readonly Option<double> _smoothing = CommonOptions.Number<double>(
        "--label-smoothing",
        "E",
        "What part of a softmax target all classes share.",
        0,
        new(0, 1)
    );
    private readonly ClassWeightsOption _classWeights = new();
    private readonly Option<string[]> _penalty = new("--penalty")
    {
        Description = "Added to the loss, l1:STRENGTH or l2:STRENGTH; may be given again.",
        HelpName = "SPEC",
        AllowMultipleArgumentsPerToken = false,
    };
    private readonly Option<float> _clipNorm = CommonOptions.Number<float>(
        "--clip-norm",
        "G",
        "The largest norm of all gradients together.",
        null,
        new(0, 1e9f, AboveMinimum: true)
    );
    private readonly Option<float> _clipValue = CommonOptions.Number<float>(
        "--clip-value",
        "G",
        "The largest absolute value of a gradient.",
        null,
        new(0, 1e9f, AboveMinimum: true)
    );
    private readonly Option<int> _accumulate = CommonOptions.Number<int>(
        "--accumulate",
        "N",
        "Batches per step.",
        1,
        new(1, 1_000_000)
    );

    /// <summary>Adds the options to a command, and the checks that they are possible together.</summary>
    public void AddTo(Command command)
    {
        command.AddAll(_optimizer, _rate, _momentum, _decay, _schedule, _warmUp, _loss, _smoothing);
        command.AddAll(_classWeights.Option, _penalty);
        command.AddAll(_clipNorm, _clipValue, _accumulate);
        _schedule.Validators.Add(result => Check(result, ScheduleText.Error));
        _penalty.Validators.Add(result => Check(result, PenaltyText.Error));
        command.Validators.Add(result =>
        {
            // The words as typed: a value that was refused cannot be asked for.
            string optimizer = Word(result, _optimizer, "sgd");
            string loss = Word(result, _loss, Softmax);
            if (IsGiven(result, _momentum) && optimizer is ("adam" or "adamw" or "adagrad"))
                result.AddError($"--momentum goes with --optimizer sgd, nesterov or rmsprop, not with {optimizer}.");
            if (IsGiven(result, _smoothing) && loss != Softmax)
                result.AddError($"--label-smoothing goes with --loss softmax, not with {loss}.");
            if (IsGiven(result, _classWeights.Option) && loss != Softmax)
                result.AddError($"--class-weights goes with --loss softmax, not with {loss}.");
            if (IsGiven(result, _clipNorm) && IsGiven(result, _clipValue))
                result.AddError("Give either --clip-norm or --clip-value.");
        });
    }

    /// <summary>Whether guessing has a loss that another can be compared with.</summary>
    public bool IsSoftmax(ParseResult arguments) => arguments.GetRequiredValue(_loss) == Softmax;

    /// <summary>The trainer's options.</summary>
    /// <param name="arguments">What the user typed.</param>
    /// <param name="epochs">Passes over the training examples.</param>
    /// <param name="batch">Examples per batch.</param>
    /// <param name="seed">Decides their order.</param>
    /// <param name="train">The training examples.</param>
    /// <exception cref="CommandException">There is not a weight for each class.</exception>
    public TrainerOptions Read(ParseResult arguments, int epochs, int batch, ulong seed, IDataset train) =>
        new()
        {
            Epochs = epochs,
            BatchSize = batch,
            Seed = seed,
            Optimizer = ReadOptimizer(arguments),
            Schedule = ReadSchedule(arguments),
            Loss = ReadLoss(arguments, train),
            Penalties = [.. (arguments.GetValue(_penalty) ?? []).Select(PenaltyText.Parse)],
            Clipping = ReadClipping(arguments),
            AccumulatedBatches = arguments.GetValue(_accumulate),
        };

    private Optimizer ReadOptimizer(ParseResult arguments)
    {
        string name = arguments.GetRequiredValue(_optimizer);
        float decay = arguments.GetValue(_decay);
        float rate = arguments.GetValue(_rate);
        bool hasRate = arguments.GetResult(_rate) is { Implicit: false };
        float momentum = arguments.GetValue(_momentum);
        bool hasMomentum = arguments.GetResult(_momentum) is { Implicit: false };
        return name switch
        {
            "adam" or "adamw" => new Adam
            {
                LearningRate = hasRate ? rate : 1e-3f,
                WeightDecay = decay,
                IsDecoupled = name == "adamw",
            },
            "rmsprop" => new RmsProp
            {
                LearningRate = rate,
                WeightDecay = decay,
                Momentum = hasMomentum ? momentum : 0,
            },
            "adagrad" => new Adagrad { LearningRate = rate, WeightDecay = decay },
            _ => new Sgd
            {
                LearningRate = rate,
                Momentum = momentum,
                WeightDecay = decay,
                // Without momentum both are the same.
                IsNesterov = name == "nesterov" && momentum != 0,
            },
        };
    }

    private Schedule ReadSchedule(ParseResult arguments)
    {
        Schedule schedule = ScheduleText.Parse(arguments.GetRequiredValue(_schedule));
        int steps = arguments.GetValue(_warmUp);
        return steps == 0 ? schedule : new WarmUpSchedule(steps, schedule);
    }

    private Loss ReadLoss(ParseResult arguments, IDataset train) =>
        arguments.GetRequiredValue(_loss) switch
        {
            "logistic" => new NativeCnn.Losses.LogisticCrossEntropy(),
            "squared" => new NativeCnn.Losses.SquaredError(),
            "huber" => new NativeCnn.Losses.HuberLoss(),
            "hinge" => new NativeCnn.Losses.HingeLoss(),
            _ => new SoftmaxCrossEntropy
            {
                Smoothing = arguments.GetValue(_smoothing),
                ClassWeights = _classWeights.Read(arguments, train),
            },
        };

    private GradientClipping? ReadClipping(ParseResult arguments) =>
        arguments.GetResult(_clipNorm) is { Implicit: false } ? GradientClipping.ByNorm(arguments.GetValue(_clipNorm))
        : arguments.GetResult(_clipValue) is { Implicit: false }
            ? GradientClipping.ByValue(arguments.GetValue(_clipValue))
        : null;

    /// <summary>Adds an error for each value with something wrong.</summary>
    internal static void Check(OptionResult result, Func<string, string?> error)
    {
        foreach (Token token in result.Tokens)
        {
            if (error(token.Value) is { } message)
                result.AddError($"{result.Option.Name} {token.Value} is impossible: {message}");
        }
    }

    private static bool IsGiven(CommandResult result, Option option) => result.GetResult(option) is { Implicit: false };

    private static string Word(CommandResult result, Option option, string byDefault) =>
        result.GetResult(option)?.Tokens is [var token] ? token.Value : byDefault;
}

/// <summary>Penalties as they are typed: l1:STRENGTH or l2:STRENGTH.</summary>
internal static class PenaltyText
{
    /// <summary>What is wrong with a text, or null.</summary>
    public static string? Error(string text) =>
        TryParse(text, out _, out _) ? null : "use l1:STRENGTH or l2:STRENGTH with a number from 0 to 1000.";

    /// <summary>The penalty of a text without errors.</summary>
    public static Penalty Parse(string text) =>
        TryParse(text, out WeightPenaltyKind kind, out double strength)
            ? new WeightPenalty(kind, strength)
            : throw new ArgumentException(Error(text), nameof(text));

    private static bool TryParse(string text, out WeightPenaltyKind kind, out double strength)
    {
        strength = 0;
        string[] parts = text.Split(':');
        kind = parts[0] == "l1" ? WeightPenaltyKind.L1 : WeightPenaltyKind.L2;
        return parts is ["l1" or "l2", var number]
            && ScheduleText.TryParse(number, out strength)
            && strength is >= 0 and <= 1000;
    }
}
