using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using NativeCnn.Backends.Operations;
using NativeCnn.Initializers;
using NativeCnn.Losses;
using NativeCnn.Optimizers;
using NativeCnn.Schedules;
using NativeCnn.Training;

namespace NativeCnn.Reference;

/// <summary>docs/learning.md: losses, penalties, optimisers, schedules, initialisers, clipping.</summary>
internal static class LearningPage
{
    // A class that has no line here is in the page all the same, without an example.
    private static readonly Dictionary<Type, string> Examples = new()
    {
        [typeof(Losses.SquaredError)] = Of(() => new Losses.SquaredError(low: -1)),
        [typeof(Losses.SoftmaxCrossEntropy)] = Of(() => new Losses.SoftmaxCrossEntropy { Smoothing = 0.1 }),
        [typeof(Losses.LogisticCrossEntropy)] = Of(() => new Losses.LogisticCrossEntropy()),
        [typeof(Losses.HuberLoss)] = Of(() => new Losses.HuberLoss(delta: 0.5)),
        [typeof(Losses.HingeLoss)] = Of(() => new Losses.HingeLoss()),
        [typeof(Losses.WeightPenalty)] = Of(() => new Losses.WeightPenalty(WeightPenaltyKind.L1, 1e-4)),
        [typeof(Losses.CombinationSparsity)] = Of(() => new Losses.CombinationSparsity(1e-3)),
        [typeof(Sgd)] = Of(() => new Sgd { LearningRate = 0.1f, Momentum = 0.9f }),
        [typeof(Adam)] = Of(() => new Adam { WeightDecay = 0.01f, IsDecoupled = true }),
        [typeof(RmsProp)] = Of(() => new RmsProp { Momentum = 0.9f }),
        [typeof(Adagrad)] = Of(() => new Adagrad { LearningRate = 0.05f }),
        [typeof(DiagonalLevenbergMarquardt)] = Of(() => new DiagonalLevenbergMarquardt { Damping = 0.05f }),
        [typeof(MilestoneSchedule)] = Of(() => new MilestoneSchedule(new Milestone(2, 0.4), new Milestone(5, 0.2))),
        [typeof(StepSchedule)] = Of(() => new StepSchedule(10)),
        [typeof(ExponentialSchedule)] = Of(() => new ExponentialSchedule(0.95)),
        [typeof(CosineSchedule)] = Of(() => new CosineSchedule()),
        [typeof(OneCycleSchedule)] = Of(() => new OneCycleSchedule()),
        [typeof(PlateauSchedule)] = Of(() => new PlateauSchedule(3)),
        [typeof(WarmUpSchedule)] = Of(() => new WarmUpSchedule(500, new CosineSchedule())),
    };

    /// <summary>The page.</summary>
    public static string Write()
    {
        var page = new StringBuilder($"{Pages.Notice}\n\n{Prose.Learning}");
        Append(page, "Losses", typeof(Loss));
        Append(page, "Penalties", typeof(Penalty));
        Append(page, "Optimisers", typeof(Optimizer));
        Append(page, "Schedules", typeof(Schedule));
        AppendMembers(page, "Initialisers", typeof(Initializer));
        AppendMembers(page, "Clipping", typeof(GradientClipping));
        return page.ToString().TrimEnd() + '\n';
    }

    /// <summary>What the documentation of a class of the page lacks; nothing if it is whole.</summary>
    public static IEnumerable<string> Missing(Type type)
    {
        if (XmlDocumentation.Summary(type).Length == 0)
            yield return "a summary";
        foreach (Option option in Option.Of(type).Where(option => option.Meaning.Length == 0))
            yield return $"what its option '{option.Name}' is";
    }

    /// <summary>The classes of a family that a user makes.</summary>
    public static IEnumerable<Type> Family(Type family) =>
        family
            .Assembly.GetExportedTypes()
            .Where(type => !type.IsAbstract && type.IsAssignableTo(family))
            .OrderBy(type => type.Name, StringComparer.Ordinal);

    private static void Append(StringBuilder page, string title, Type family)
    {
        page.Append($"\n## {title}\n\n");
        page.AppendParagraph(XmlDocumentation.Summary(family));
        page.Length--;
        foreach (Type type in Family(family))
        {
            page.Append($"\n### {type.Name}\n\n");
            page.AppendParagraph(XmlDocumentation.Summary(type));
            page.AppendRemarks(type, [.. XmlDocumentation.Labels, ""]);
            page.AppendOptions(type);
            if (Examples.TryGetValue(type, out string? code))
                page.Append($"```csharp\n{code}\n```\n");
        }
    }

    // What a class has ready, by name.
    private static void AppendMembers(StringBuilder page, string title, Type type)
    {
        page.Append($"\n## {title}\n\n");
        page.AppendParagraph(XmlDocumentation.Summary(type));
        page.Append("| | |\n| --- | --- |\n");
        const BindingFlags Static = BindingFlags.Public | BindingFlags.Static;
        foreach (PropertyInfo property in type.GetProperties(Static))
            page.Append($"| `{property.Name}` | {Pages.Cell(XmlDocumentation.Summary(property))} |\n");
        foreach (MethodInfo method in type.GetMethods(Static).Where(m => !m.IsSpecialName && m.ReturnType == type))
        {
            IEnumerable<string> parameters = method
                .GetParameters()
                .Select(p => p.HasDefaultValue ? $"{p.Name} = {Option.Show(p.DefaultValue)}" : p.Name!);
            string call = $"{method.Name}({string.Join(", ", parameters)})";
            page.Append($"| `{call}` | {Pages.Cell(XmlDocumentation.Summary(method))} |\n");
        }
    }

    private static string Of(Func<object> make, [CallerArgumentExpression(nameof(make))] string code = "") =>
        code[(code.IndexOf("=> ", StringComparison.Ordinal) + 3)..].Replace("Losses.", "", StringComparison.Ordinal);
}
