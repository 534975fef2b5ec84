using System.Text.Json;
using NativeCnn.Backends.Operations;
using NativeCnn.Losses;
using NativeCnn.Optimizers;
using NativeCnn.Training;

namespace NativeCnn.Verification;

/// <summary>
/// What a case says of how its network is trained: the JSON object that its metadata have under <c>golden</c>. A member
/// that is wrong, missing or unknown is a <see cref="FormatException"/> that names it.
/// </summary>
internal sealed class CaseDescription
{
    private const int Version = 1;
    private const int MostSteps = 1000;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Where the case comes from.</summary>
    public string Origin { get; private init; } = "";

    /// <summary>What is minimised; null where the network only runs.</summary>
    public Loss? Loss { get; private init; }

    /// <summary>What the targets are.</summary>
    public TargetKind Targets { get; private init; }

    /// <summary>How many examples count; all if null.</summary>
    public int? Count { get; private init; }

    /// <summary>What is added to the loss.</summary>
    public IReadOnlyList<Penalty> Penalties { get; private init; } = [];

    /// <summary>What takes the steps; null for none.</summary>
    public Optimizer? Optimizer { get; private init; }

    /// <summary>How many steps.</summary>
    public int Steps { get; private init; }

    /// <summary>How gradients are kept small in the steps.</summary>
    public GradientClipping? Clipping { get; private init; }

    /// <summary>What rate and decay of single parameters are multiplied by.</summary>
    public IReadOnlyDictionary<string, (float Rate, float Decay)> Factors { get; private init; } =
        new Dictionary<string, (float, float)>();

    /// <summary>What rounding to float32 changes a tensor by, where it was measured.</summary>
    public IReadOnlyDictionary<string, double> Units { get; private init; } = new Dictionary<string, double>();

    /// <exception cref="FormatException">A member is wrong.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="ArgumentException">A constant is out of its range.</exception>
    public static CaseDescription Parse(string text)
    {
        using var document = JsonDocument.Parse(text, Strict);
        var root = new Members(document.RootElement, "the description");
        int version = root.Int("version");
        if (version != Version)
            throw new FormatException($"the description has version {version}; this program reads version {Version}");
        Members? loss = root.Object("loss");
        Members? optimizer = root.Object("optimizer");
        if (loss is null && optimizer is not null)
            throw new FormatException("the description has an 'optimizer' without a 'loss'");
        var description = new CaseDescription
        {
            Origin = root.Text("origin", ""),
            Units = root.Map("units", value => NumberFrom0(value, "units")),
            Targets = loss is null ? default : ReadTargets(loss),
            Loss = loss is null ? null : ReadLoss(loss),
            Count = root.Has("count") ? root.Int("count") : null,
            Penalties = [.. root.Objects("penalties").Select(ReadPenalty)],
            Optimizer = optimizer is null ? null : ReadOptimizer(optimizer),
            Steps = optimizer is null ? 0 : root.Int("steps"),
            Clipping = root.Object("clipping") is { } clipping ? ReadClipping(clipping) : null,
            Factors = root.Map("factors", ReadFactors),
        };
        if (description.Steps is < 0 or > MostSteps)
            throw new FormatException($"'steps' is 0 to {MostSteps}; it is {description.Steps}");
        root.CheckAllRead();
        return description;
    }

    private static TargetKind ReadTargets(Members loss) =>
        loss.Text("targets") switch
        {
            "classes" => TargetKind.Classes,
            "values" => TargetKind.Values,
            "probabilities" => TargetKind.Probabilities,
            var other => throw new FormatException(
                $"there are no targets '{other}': use classes, values or probabilities"
            ),
        };

    private static Loss ReadLoss(Members json)
    {
        Loss loss = json.Text("kind") switch
        {
            "squared-error" => new Losses.SquaredError(
                json.Number("factor", 0.5),
                json.Number("low", 0),
                json.Number("high", 1)
            ),
            "softmax-cross-entropy" => new Losses.SoftmaxCrossEntropy
            {
                Smoothing = json.Number("smoothing", 0),
                ClassWeights = json.Numbers("class_weights"),
            },
            "logistic-cross-entropy" => new Losses.LogisticCrossEntropy(),
            "huber" => new Losses.HuberLoss(json.Number("delta", 1), json.Number("low", 0), json.Number("high", 1)),
            "hinge" => new Losses.HingeLoss(),
            var other => throw new FormatException(
                $"there is no loss '{other}': use squared-error, softmax-cross-entropy, logistic-cross-entropy, huber or "
                    + "hinge"
            ),
        };
        json.CheckAllRead();
        return loss;
    }

    private static Penalty ReadPenalty(Members json)
    {
        double strength = json.Number("strength");
        Penalty penalty = json.Text("kind") switch
        {
            "l1" => new Losses.WeightPenalty(WeightPenaltyKind.L1, strength),
            "l2" => new Losses.WeightPenalty(WeightPenaltyKind.L2, strength),
            "combination-sparsity" => new Losses.CombinationSparsity(strength),
            var other => throw new FormatException(
                $"there is no penalty '{other}': use l1, l2 or combination-sparsity"
            ),
        };
        json.CheckAllRead();
        return penalty;
    }

    private static Optimizer ReadOptimizer(Members json)
    {
        string kind = json.Text("kind");
        float rate = json.Single("learning_rate");
        float decay = json.Single("weight_decay", 0);
        Optimizer optimizer = kind switch
        {
            "sgd" or "nesterov" => new Sgd
            {
                Momentum = json.Single("momentum", 0),
                WeightDecay = decay,
                IsNesterov = kind == "nesterov",
            },
            "adam" or "adamw" => new Adam
            {
                Beta1 = json.Single("beta1", 0.9f),
                Beta2 = json.Single("beta2", 0.999f),
                Epsilon = json.Single("epsilon", 1e-8f),
                WeightDecay = decay,
                IsDecoupled = kind == "adamw",
            },
            "rmsprop" => new RmsProp
            {
                Smoothing = json.Single("smoothing", 0.99f),
                Momentum = json.Single("momentum", 0),
                Epsilon = json.Single("epsilon", 1e-8f),
                WeightDecay = decay,
            },
            "adagrad" => new Adagrad { Epsilon = json.Single("epsilon", 1e-10f), WeightDecay = decay },
            _ => throw new FormatException(
                $"there is no optimizer '{kind}': use sgd, nesterov, adam, adamw, rmsprop or adagrad"
            ),
        };
        optimizer.LearningRate = rate;
        json.CheckAllRead();
        return optimizer;
    }

    private static GradientClipping ReadClipping(Members json)
    {
        GradientClipping clipping = json.Has("norm")
            ? GradientClipping.ByNorm(json.Number("norm"))
            : GradientClipping.ByValue(json.Number("value"));
        json.CheckAllRead();
        return clipping;
    }

    private static (float, float) ReadFactors(JsonElement element)
    {
        var json = new Members(element, "'factors'");
        (float, float) factors = (json.Single("learning_rate", 1), json.Single("weight_decay", 1));
        json.CheckAllRead();
        return factors;
    }

    private static double NumberFrom0(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number >= 0
            ? number
            : throw new FormatException($"'{name}' holds something that is no number from 0");

    /// <summary>A JSON object of which every member has to be read by somebody.</summary>
    private sealed class Members
    {
        private readonly JsonElement _json;
        private readonly string _what;
        private readonly HashSet<string> _read = new(StringComparer.Ordinal);

        public Members(JsonElement json, string what)
        {
            (_json, _what) = (json, what);
            if (json.ValueKind != JsonValueKind.Object)
                throw new FormatException($"{what} is no JSON object");
        }

        public bool Has(string name) => _json.TryGetProperty(name, out _);

        public int Int(string name) =>
            Read(name, (JsonElement json, out int number) => json.TryGetInt32(out number), "no whole number");

        public float Single(string name, float? otherwise = null) =>
            !Has(name) && otherwise is { } value
                ? value
                : Read(
                    name,
                    (JsonElement json, out float number) => json.TryGetSingle(out number) && float.IsFinite(number),
                    "no number that float32 has"
                );

        public double Number(string name, double? otherwise = null) =>
            !Has(name) && otherwise is { } value
                ? value
                : Read(name, (JsonElement json, out double number) => json.TryGetDouble(out number), "no number");

        public double[]? Numbers(string name) =>
            Has(name) ? [.. Array(name).Select(json => NumberFrom0(json, name))] : null;

        public string Text(string name, string? otherwise = null) =>
            Reading(name).TryGetProperty(name, out JsonElement json)
                ? json.ValueKind == JsonValueKind.String && json.GetString() is { } text && !text.Any(char.IsControl)
                    ? text
                    : throw new FormatException($"the option '{name}' of {_what} is no text of one line")
                : otherwise ?? throw new FormatException($"the option '{name}' of {_what} is missing");

        public Members? Object(string name) =>
            Reading(name).TryGetProperty(name, out JsonElement json) ? new Members(json, $"'{name}'") : null;

        public IEnumerable<Members> Objects(string name) =>
            Has(name) ? Array(name).Select(json => new Members(json, $"'{name}'")) : [];

        public Dictionary<string, T> Map<T>(string name, Func<JsonElement, T> read)
        {
            if (!Reading(name).TryGetProperty(name, out JsonElement json))
                return new Dictionary<string, T>();
            if (json.ValueKind != JsonValueKind.Object)
                throw new FormatException($"'{name}' is no JSON object");
            return json.EnumerateObject().ToDictionary(member => member.Name, member => read(member.Value));
        }

        public void CheckAllRead()
        {
            foreach (JsonProperty member in _json.EnumerateObject())
            {
                if (!_read.Contains(member.Name))
                    throw new FormatException($"{_what} has the member '{member.Name}', which means nothing there");
            }
        }

        private delegate bool TryGet<T>(JsonElement json, out T number);

        private T Read<T>(string name, TryGet<T> tryGet, string otherwise) =>
            Reading(name).TryGetProperty(name, out JsonElement json)
            && json.ValueKind == JsonValueKind.Number
            && tryGet(json, out T number)
                ? number
                : throw new FormatException($"the option '{name}' of {_what} is missing or {otherwise}");

        private JsonElement.ArrayEnumerator Array(string name) =>
            Reading(name).GetProperty(name) is { ValueKind: JsonValueKind.Array } json
                ? json.EnumerateArray()
                : throw new FormatException($"the option '{name}' of {_what} is no array");

        private JsonElement Reading(string name)
        {
            _read.Add(name);
            return _json;
        }
    }
}
