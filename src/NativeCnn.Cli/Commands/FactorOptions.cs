using System.CommandLine;
using NativeCnn.Networks;

namespace NativeCnn.Cli.Commands;

/// <summary>The options for learning rate and weight decay of single layers and parameters.</summary>
internal sealed class FactorOptions
{
    private readonly Option<string[]> _rate = New(
        "--rate-factor",
        "What --lr is multiplied by for one layer or parameter, 0 to leave it as it is; may be given again."
    );
    private readonly Option<string[]> _decay = New(
        "--decay-factor",
        "What --weight-decay is multiplied by for one layer or parameter; may be given again."
    );

    public void AddTo(Command command) => command.AddAll(_rate, _decay);

    /// <summary>Sets the network's factors.</summary>
    /// <exception cref="CommandException">A layer or parameter is not there.</exception>
    public void Apply(ParseResult arguments, Network network)
    {
        NetworkSource.Apply(network, _rate.Name, ParameterFactor.Rate, Texts(arguments, _rate));
        NetworkSource.Apply(network, _decay.Name, ParameterFactor.Decay, Texts(arguments, _decay));
    }

    private static IEnumerable<FactorText> Texts(ParseResult arguments, Option<string[]> option) =>
        (arguments.GetValue(option) ?? []).Select(FactorText.Parse);

    private static Option<string[]> New(string name, string description)
    {
        Option<string[]> option = new(name)
        {
            Description = description,
            HelpName = "LAYER[.PARAMETER]=F",
            AllowMultipleArgumentsPerToken = false,
        };
        option.Validators.Add(result => LearningOptions.Check(result, FactorText.Error));
        return option;
    }
}
