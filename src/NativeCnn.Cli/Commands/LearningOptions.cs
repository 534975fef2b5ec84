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
    private const string Diagonal = "diagonal";

    private readonly Option<string> _optimizer = CommonOptions.OneOf(
        "--optimizer",
        "What changes the weights [default: the model's, sgd for lenet]",
        "sgd",
        "nesterov",
        "adam",
        "adamw",
        "rmsprop",
        "adagrad",
        Diagonal
    );
    private readonly Option<float> _rate = CommonOptions.Number<float>(
        "--lr",
        "RATE",
        "The learning rate [default: the model's; of an --optimizer 0.01, of adam and adamw 0.001, of diagonal 0.0005]",
        null,
        new(0, 1000, AboveMinimum: true)
    );
    private readonly Option<float> _momentum = CommonOptions.Number<float>(
        "--momentum",
        "M",
        "The momentum [default: the model's; of an --optimizer 0.9, of rmsprop 0]",
        null,
        new(0, 1, BelowMaximum: true)
    );
    private readonly Option<float> _damping = CommonOptions.Number<float>(
        "--damping",
        "MU",
        "Of diagonal: what is added to a weight's second derivative before the rate is divided by it "
            + "[default: the model's; of an --optimizer 0.02]",
        null,
        new(0, 1000, AboveMinimum: true)
    );
    private readonly Option<float> _averaging = CommonOptions.Number<float>(
        "--averaging",
        "GAMMA",
        "Of diagonal: what part of the running average of second derivatives a new estimate keeps "
            + "[default: the model's; of an --optimizer 0.5]",
        null,
        new(0, 1, BelowMaximum: true)
    );
    private readonly Option<int> _sample = CommonOptions.Number<int>(
        "--sample",
        "N",
        "Of diagonal: examples of which second derivatives are estimated before each epoch "
            + "[default: the model's; of an --optimizer 500]",
        null,
        new(1, 1_000_000_000)
    );
    private readonly Option<float> _decay = CommonOptions.Number<float>(
        "--weight-decay",
        "L",
        "L2 weight decay [default: the model's; of an --optimizer 0.0005]",
        null,
        new(0, 1)
    );
    private readonly Option<string> _schedule = new("--schedule")
    {
        Description =
            "What the learning rate is multiplied by: constant, step:EPOCHS[:FACTOR], milestones:EPOCH=FACTOR,…, "
            + "exponential:FACTOR, cosine[:FINAL], one-cycle or plateau[:EPOCHS[:FACTOR]] "
            + "[default: the model's, constant for lenet]",
        HelpName = "SPEC",
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
        "What is minimised; all but softmax compare each output with 1 for the label and 0 for the others, or by a margin "
            + "[default: the model's, softmax for lenet]",
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
    private readonly Option<int> _patience = CommonOptions.Number<int>(
        "--early-stopping",
        "N",
        "End the run after N epochs without a smaller test loss; 0 for never.",
        0,
        new(0, 1_000_000)
    );
    private readonly Option<int> _accumulate = CommonOptions.Number<int>(
        "--accumulate",
        "N",
        "Batches per step [default: the model's, 1 for lenet]",
        null,
        new(1, 1_000_000)
    );

    /// <summary>Adds the options to a command, and the checks that they are possible together.</summary>
    public void AddTo(Command command)
    {
        // The model's, where they are not given.
        _optimizer.DefaultValueFactory = _loss.DefaultValueFactory = null;
        command.AddAll(_optimizer, _rate, _momentum, _decay, _schedule, _warmUp, _loss, _smoothing);
        command.AddAll(_classWeights.Option, _penalty);
        command.AddAll(_clipNorm, _clipValue, _accumulate, _damping, _averaging, _sample, _patience);
        _schedule.Validators.Add(result => Check(result, ScheduleText.Error));
        _penalty.Validators.Add(result => Check(result, PenaltyText.Error));
        command.Validators.Add(result =>
        {
            // The words as typed: a value that was refused cannot be asked for.
            string optimizer = Word(result, _optimizer, "sgd");
            string loss = Word(result, _loss, Softmax);
            if (IsGiven(result, _momentum) && optimizer is ("adam" or "adamw" or "adagrad" or Diagonal))
                result.AddError($"--momentum goes with --optimizer sgd, nesterov or rmsprop, not with {optimizer}.");
            foreach (Option option in (Option[])[_damping, _averaging, _sample])
            {
                if (IsGiven(result, option) && IsGiven(result, _optimizer) && optimizer != Diagonal)
                    result.AddError($"{option.Name} goes with --optimizer {Diagonal}, not with {optimizer}.");
            }
            if (IsGiven(result, _smoothing) && loss != Softmax)
                result.AddError($"--label-smoothing goes with --loss softmax, not with {loss}.");
            if (IsGiven(result, _classWeights.Option) && loss != Softmax)
                result.AddError($"--class-weights goes with --loss softmax, not with {loss}.");
            if (IsGiven(result, _clipNorm) && IsGiven(result, _clipValue))
                result.AddError("Give either --clip-norm or --clip-value.");
        });
    }

    /// <summary>The trainer's options.</summary>
    /// <param name="arguments">What the user typed.</param>
    /// <param name="own">What the model is trained with where nothing is typed; its optimiser may be changed.</param>
    /// <param name="epochs">Passes over the training examples.</param>
    /// <param name="batch">Examples per batch.</param>
    /// <param name="seed">Decides their order.</param>
    /// <param name="train">The training examples.</param>
    /// <param name="loaderThreads">How many threads read them.</param>
    /// <exception cref="CommandException">
    /// An option does not go with the model's optimiser or loss, or there is not a weight for each class.
    /// </exception>
    public TrainerOptions Read(
        ParseResult arguments,
        TrainerOptions own,
        int epochs,
        int batch,
        ulong seed,
        IDataset train,
        int loaderThreads
    ) =>
        new()
        {
            Epochs = epochs,
            BatchSize = batch,
            Seed = seed,
            LoaderThreads = loaderThreads,
            Optimizer = ReadOptimizer(arguments, own.Optimizer),
            Schedule = ReadSchedule(arguments, own.Schedule),
            Loss = ReadLoss(arguments, own.Loss, train),
            Penalties = _penalty.IsGiven(arguments)
                ? [.. arguments.GetRequiredValue(_penalty).Select(PenaltyText.Parse)]
                : own.Penalties,
            Clipping = ReadClipping(arguments) ?? own.Clipping,
            Patience = arguments.GetValue(_patience) is > 0 and var patience ? patience : own.Patience,
            AccumulatedBatches = _accumulate.Given(arguments, own.AccumulatedBatches),
        };

    private Optimizer ReadOptimizer(ParseResult arguments, Optimizer own)
    {
        Optimizer optimizer = _optimizer.IsGiven(arguments) ? Create(arguments.GetRequiredValue(_optimizer)) : own;
        optimizer.LearningRate = _rate.Given(arguments, optimizer.LearningRate);
        if (_decay.IsGiven(arguments))
            SetDecay(optimizer, arguments.GetValue(_decay));
        SetDiagonal(arguments, optimizer);
        return _momentum.IsGiven(arguments) ? WithMomentum(optimizer, arguments.GetValue(_momentum)) : optimizer;
    }

    private static Optimizer Create(string name)
    {
        const float Decay = 5e-4f;
        return name switch
        {
            "adam" or "adamw" => new Adam { WeightDecay = Decay, IsDecoupled = name == "adamw" },
            "rmsprop" => new RmsProp { LearningRate = 0.01f, WeightDecay = Decay },
            "adagrad" => new Adagrad { LearningRate = 0.01f, WeightDecay = Decay },
            Diagonal => new DiagonalLevenbergMarquardt { WeightDecay = Decay },
            _ => new Sgd
            {
                LearningRate = 0.01f,
                Momentum = 0.9f,
                WeightDecay = Decay,
                IsNesterov = name == "nesterov",
            },
        };
    }

    private static void SetDecay(Optimizer optimizer, float decay)
    {
        switch (optimizer)
        {
            case Sgd sgd:
                sgd.WeightDecay = decay;
                break;
            case Adam adam:
                adam.WeightDecay = decay;
                break;
            case RmsProp rmsProp:
                rmsProp.WeightDecay = decay;
                break;
            case Adagrad adagrad:
                adagrad.WeightDecay = decay;
                break;
            case DiagonalLevenbergMarquardt diagonal:
                diagonal.WeightDecay = decay;
                break;
            default:
                throw NotWith("--weight-decay", optimizer);
        }
    }

    private void SetDiagonal(ParseResult arguments, Optimizer optimizer)
    {
        if (optimizer is DiagonalLevenbergMarquardt diagonal)
        {
            diagonal.Damping = _damping.Given(arguments, diagonal.Damping);
            diagonal.Smoothing = _averaging.Given(arguments, diagonal.Smoothing);
            diagonal.SampleCount = _sample.Given(arguments, diagonal.SampleCount);
            return;
        }
        foreach (Option option in (Option[])[_damping, _averaging, _sample])
        {
            if (option.IsGiven(arguments))
                throw NotWith(option.Name, optimizer);
        }
    }

    private static Optimizer WithMomentum(Optimizer optimizer, float momentum)
    {
        switch (optimizer)
        {
            case Sgd sgd:
                return new Sgd
                {
                    LearningRate = sgd.LearningRate,
                    Momentum = momentum,
                    WeightDecay = sgd.WeightDecay,
                    // Without momentum both are the same.
                    IsNesterov = sgd.IsNesterov && momentum != 0,
                };
            case RmsProp rmsProp:
                rmsProp.Momentum = momentum;
                return rmsProp;
            default:
                throw NotWith("--momentum", optimizer);
        }
    }

    private static CommandException NotWith(string option, object chosen) =>
        CommandException.Usage($"{option} does not go with {chosen.GetType().Name}, which the model is trained with.");

    private Schedule ReadSchedule(ParseResult arguments, Schedule own)
    {
        Schedule schedule = _schedule.IsGiven(arguments)
            ? ScheduleText.Parse(arguments.GetRequiredValue(_schedule))
            : own;
        int steps = arguments.GetValue(_warmUp);
        return steps == 0 ? schedule : new WarmUpSchedule(steps, schedule);
    }

    private Loss ReadLoss(ParseResult arguments, Loss own, IDataset train)
    {
        Option? ofSoftmax =
            _smoothing.IsGiven(arguments) ? _smoothing
            : _classWeights.Option.IsGiven(arguments) ? _classWeights.Option
            : null;
        if (!_loss.IsGiven(arguments) && ofSoftmax is null)
            return own;
        if (!_loss.IsGiven(arguments) && own is not SoftmaxCrossEntropy)
            throw NotWith(ofSoftmax!.Name, own);
        return _loss.Given(arguments, Softmax) switch
        {
            "logistic" => new NativeCnn.Losses.LogisticCrossEntropy(),
            "squared" => new NativeCnn.Losses.SquaredError(),
            "huber" => new NativeCnn.Losses.HuberLoss(),
            "hinge" => new NativeCnn.Losses.HingeLoss(),
            _ => new SoftmaxCrossEntropy
            {
                Smoothing = _smoothing.Given(
                    arguments,
                    _loss.IsGiven(arguments) ? 0 : ((SoftmaxCrossEntropy)own).Smoothing
                ),
                ClassWeights = _classWeights.Read(arguments, train),
            },
        };
    }

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
